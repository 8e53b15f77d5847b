import { inWords } from '../../policy/telling/in-words.ts';
import { cut } from './clause.ts';
import { type Message, titleOf } from './message.ts';

/** What comes later than this says so. */
const LATE_MS = 120_000;

/** 'Delivered 14 min late.'; null: it is not. */
export function lateness(lateMs: number): string | null {
  return lateMs < LATE_MS ? null : `Delivered ${inWords(lateMs)} late.`;
}

/** The lines below the title, the one on its lateness first. */
export function linesBelow({ lines }: Message, lateMs: number): string[] {
  const late = lateness(lateMs);
  return late === null ? [...lines] : [late, ...lines];
}

/** All of it as plain text. */
export function plainText(message: Message, lateMs: number): string {
  return [titleOf(message), bodyText(message, lateMs)].join('\n');
}

/** The same without its first line. */
export function bodyText(message: Message, lateMs: number): string {
  const details = message.details.map(({ label, text }) => (text.includes('\n') ? `${label}:\n${text}` : `${label}: ${text}`));
  const link = message.link === null ? [] : ['', message.link];
  return [...linesBelow(message, lateMs), '', ...details, ...link].join('\n').trimEnd();
}

/** The same as {@link cut}, counted in bytes of UTF-8. */
export function cutBytes(text: string, mostBytes: number): string {
  if (Buffer.byteLength(text) <= mostBytes) return text;
  const kept = Buffer.from(text).subarray(0, mostBytes - Buffer.byteLength('…'));
  return `${kept.toString('utf8').replace(/\uFFFD+$/, '')}…`;
}
