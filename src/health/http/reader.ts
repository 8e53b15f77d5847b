import { HTTPParser } from 'http-parser-js';
import type { Expectation } from '../../config/resolved.ts';
import type { Answer } from '../../policy/observation.ts';
import { answerOfError } from '../failed.ts';
import { MAX_BODY_BYTES, readBody } from './body.ts';
import { metBy } from './expectation.ts';
import { retryAfterMs } from './retry-after.ts';
import { keepWhole } from './whole-answer.ts';

/** As in node:http. */
const MAX_HEADER_BYTES = 16 * 1024;
/** Of all that may come: room for a body in chunks of one byte, and an end to what is endless without being a body. */
const MAX_BYTES = 8 * MAX_BODY_BYTES;

const { RESPONSE, kOnBody, kOnHeadersComplete, kOnMessageComplete } = HTTPParser;

/** What was asked. */
export interface Asked {
  /** For people. */
  readonly place: string;
  /** By HEAD: no body follows. */
  readonly headOnly: boolean;
  readonly expect: Expectation | null;
}

type Answered = Extract<Answer, { kind: 'answer' }>;
type Settle = (answer: Answer, location: string | null) => void;

/** Reads one HTTP/1 response as it arrives, in pieces of any size, and tells once what it was. */
export class HttpReader {
  readonly #parser = new HTTPParser(RESPONSE);
  readonly #asked: Asked;
  readonly #startedAt: number;
  readonly #settle: Settle;
  readonly #body: Buffer[] = [];
  #bytes = 0;
  #bodyBytes = 0;
  #status = 0;
  #headers: readonly string[] = [];
  #settled = false;

  /**
   * @param settle is told an answer and, of a redirect, where it leads; or `broken` with a code of node:http: HPE_… for what is no
   * HTTP, ECONNRESET for what breaks off
   */
  constructor(asked: Asked, startedAt: number, settle: Settle) {
    this.#asked = asked;
    this.#startedAt = startedAt;
    this.#settle = settle;
    this.#parser.maxHeaderSize = MAX_HEADER_BYTES;
    this.#parser[kOnHeadersComplete] = ({ statusCode, headers }) => this.#begin(statusCode, headers);
    this.#parser[kOnBody] = (chunk, _offset, length) => this.#take(chunk, length);
    this.#parser[kOnMessageComplete] = () => this.#complete(true);
  }

  /** @param chunk is read before this returns, and not kept */
  read(chunk: Buffer): void {
    if (this.#settled) return;
    const error = this.#parse(chunk);
    this.#bytes += chunk.length;
    if (error !== null) this.fail(error);
    if (this.#bytes <= MAX_BYTES) return;
    this.#complete(false);
    this.fail(new NoHttp('HPE_TOO_LONG'));
  }

  /** Nothing more will come: of a body without a length that is the end, of anything else it is too soon. */
  end(): void {
    this.#parser.finish();
    this.#breakOff();
  }

  /** The connection failed. */
  fail(error: Error): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#settle(answerOfError(error, performance.now() - this.#startedAt, this.#asked.place), null);
  }

  /** @returns 1: no body follows, whatever the headers say of one */
  #begin(status: number, headers: readonly string[]): 0 | 1 {
    this.#status = status;
    this.#headers = headers;
    // An upgrade that nobody asked for: what follows is no HTTP.
    if (status === 101) this.#breakOff();
    return status < 200 || status === 204 || status === 304 || this.#asked.headOnly ? 1 : 0;
  }

  #parse(chunk: Buffer): Error | null {
    try {
      const read: number | Error = this.#parser.execute(chunk);
      return read instanceof Error ? new NoHttp(codeOf(read)) : null;
    } catch (error) {
      if (error instanceof NoHttp) return error;
      throw error;
    }
  }

  /** @throws NoHttp for a length that is none: the parser would go back by it, and read the same again for ever */
  #take(chunk: Buffer, length: number): void {
    if (!(length > 0)) throw new NoHttp('HPE_INVALID_LENGTH');
    const room = MAX_BODY_BYTES - this.#bodyBytes;
    this.#bodyBytes += chunk.length;
    // A copy: the caller reads its next chunk into the same memory.
    if (room > 0) this.#body.push(Buffer.from(chunk.subarray(0, room)));
    if (chunk.length > room) this.#complete(false);
  }

  #complete(whole: boolean): void {
    // 100 Continue and its like: the answer is yet to come.
    if (this.#settled || this.#status < 200) return;
    this.#settled = true;
    const body = Buffer.concat(this.#body);
    const { json, excerpt } = readBody(body, whole);
    const answer: { -readonly [Key in keyof Answered]: Answered[Key] } = {
      kind: 'answer',
      status: this.#status,
      latencyMs: performance.now() - this.#startedAt,
      retryAfterMs: this.#retryAfterMs(),
      json,
      excerpt,
    };
    const server = this.#header('server');
    if (server !== undefined) answer.server = server;
    const { expect } = this.#asked;
    const expected = expect && metBy(answer, expect, body.toString('utf8'));
    if (expected) answer.expected = expected;
    if (expected ? !expected.met : this.#status >= 400) keepWhole(answer, this.#headers, body);
    this.#settle(answer, this.#header('location') ?? null);
  }

  #retryAfterMs(): number | null {
    return retryAfterMs(this.#header('retry-after'), this.#header('date'), Date.now());
  }

  /** Of an answer that is no success. The first one of that name. */
  #header(name: string): string | undefined {
    if (this.#status < 300) return undefined;
    const at = this.#headers.findIndex((text, i) => i % 2 === 0 && text.toLowerCase() === name);
    return at < 0 ? undefined : this.#headers[at + 1];
  }

  #breakOff(): void {
    this.fail(Object.assign(new Error('the connection ended within the answer'), { code: 'ECONNRESET' }));
  }
}

class NoHttp extends Error {
  readonly code: string;

  constructor(code: string) {
    super('what came is no HTTP');
    this.code = code;
  }
}

function codeOf(error: Error & { code?: unknown }): string {
  if (typeof error.code === 'string') return error.code;
  return error.message === 'max header size exceeded' ? 'HPE_HEADER_OVERFLOW' : 'HPE_INVALID';
}
