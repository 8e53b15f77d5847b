/** `user:password@` behind `://`; the password may hold an @ of its own. */
const PASSWORD = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:)([^\s/?#]*)(?=@)/gi;
/** `token=…` and the like in a query, by the last word of the name. */
const IN_QUERY =
  /([?&](?:[\w.-]*[-_.])?(?:pass(?:word|wd)?|pwd|secret|token|(?:api|access)?[-_]?key|sig(?:nature)?)=)([^&\s#'"]+)/gi;

/**
 * Any text, with what is secret in its URLs taken out: the password in front of the host, and what a query gives as a token or key.
 * @param stars what is put in the place of a secret
 */
export function redactUrls(text: string, stars: (secret: string) => string = () => '***'): string {
  const without = (_all: string, before: string, secret: string) => before + stars(secret);
  return text.replace(PASSWORD, without).replace(IN_QUERY, without);
}
