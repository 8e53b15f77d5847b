/** Names of the companion apps, words that pm2 takes for something else, and numbers, which it takes for an app's id. */
export const RESERVED = ['lifeguard', 'database', 'all'];
