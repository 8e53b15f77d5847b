import type { Message } from '../message/message.ts';

/** One service that messages are sent to. */
export interface Channel {
  /** Between two messages at least, ms. */
  readonly paceMs: number;
  /** Sends one message. Never rejects; ends within the deadline. */
  send(message: Message, how: Sending): Promise<Outcome>;
}

export interface Sending {
  /** By how much it comes later than it was due, ms. */
  readonly lateMs: number;
  /** The service took the message for malformed: this time as little as will do. */
  readonly plain: boolean;
  /** What the service answered to the first message of the thread, see {@link Outcome}; null: this is the first, or it is not known. */
  readonly receipt: string | null;
  /** For everything, ms. */
  readonly deadlineMs: number;
}

export type Outcome =
  | {
      readonly ok: true;
      /** What the service said, for people. */
      readonly answer: string;
      /** What later messages of the thread need to refer to it. */
      readonly receipt?: string;
      /** The service asks for a pause before the next message, ms. */
      readonly waitMs?: number;
    }
  | {
      readonly ok: false;
      /** What was wrong, for people. No secret in it. */
      readonly answer: string;
      /** It may have been received all the same. */
      readonly maybeReceived: boolean;
      /** This message will never be taken: trying again is for nothing. */
      readonly refused: boolean;
      /** The service says when to try again, ms from now. */
      readonly retryAfterMs: number | null;
    };

export function failed(
  answer: string,
  { maybeReceived = false, refused = false, retryAfterMs = null as number | null } = {},
): Outcome {
  return { ok: false, answer, maybeReceived, refused, retryAfterMs };
}
