import { namesSecret, redactCommand } from '../host/command-line.ts';
import { redactUrls } from '../units/redact-urls.ts';

/** A variable that no export shows: by its name, or because its value is a URL with a password in it. */
export function isSecret(name: string, value: string): boolean {
  return namesSecret(name) || redactUrls(value) !== value;
}

/** A dependency's check for people and files that others read: without the password. */
export function shownUrl(check: string): string {
  return redactUrls(check);
}

/** What a person has to know of arguments that look like secrets: an export has to write them out. */
export function notesOnArguments(name: string, line: readonly string[]): string[] {
  // Only what redaction changes counts: it also cuts a long line and takes line breaks out.
  const shows = line.some(
    (word, at) => redactCommand(line.slice(Math.max(0, at - 1), at + 1)).includes('***') && !word.includes('***'),
  );
  return shows
    ? [
        `${name}: an argument of its command looks like a secret and stands in the files in clear: give it as a variable of env_file`,
      ]
    : [];
}
