import { type Message, titleOf } from '../message/message.ts';
import { plainText } from '../message/plain.ts';

/** What a webhook's body and a command's stdin hold. alert.schema.json describes it. */
export interface Payload extends Omit<Message, 'inPast'> {
  /** The first line: `[DOWN] api on vm1: answers 503`. */
  readonly title: string;
  /** All of it as plain text. */
  readonly text: string;
  /** By how much it comes later than it was due; whole ms. */
  readonly lateMs: number;
}

export function payloadOf({ inPast: _, ...message }: Message, lateMs: number): Payload {
  const whole = { ...message, inPast: null };
  return { ...message, title: titleOf(whole), text: plainText(whole, lateMs), lateMs: Math.round(lateMs) };
}
