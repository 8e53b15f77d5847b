/** The user, by number, that the images of an export run as: no root, and no user of the machine below. */
export const IMAGE_USER = 10_001;
