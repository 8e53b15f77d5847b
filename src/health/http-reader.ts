import { HTTPParser } from 'http-parser-js';
import type { Answer } from '../policy/observation.ts';
import { MAX_BODY_BYTES, readBody } from './answer.ts';
import { retryAfterMs } from './retry-after.ts';

/** As in node:http. */
const MAX_HEADER_BYTES = 16 * 1024;

const { RESPONSE, kOnBody, kOnHeadersComplete, kOnMessageComplete } = HTTPParser;

export type HttpAnswer = Omit<Extract<Answer, { kind: 'answer' }>, 'latencyMs'>;

/** Reads one HTTP/1 response as it arrives, in pieces of any size, and tells once what it was, or why it is none. */
export class HttpReader {
  readonly #parser = new HTTPParser(RESPONSE);
  readonly #settle: (answer: HttpAnswer) => void;
  readonly #fail: (error: Error & { code: string }) => void;
  readonly #body: Buffer[] = [];
  #bodyBytes = 0;
  #status = 0;
  #headers: readonly string[] = [];
  #settled = false;

  /** @param fail is told a code of node:http: HPE_… for what is no HTTP, ECONNRESET for what breaks off */
  constructor(settle: (answer: HttpAnswer) => void, fail: (error: Error & { code: string }) => void) {
    this.#settle = settle;
    this.#fail = fail;
    this.#parser.maxHeaderSize = MAX_HEADER_BYTES;
    this.#parser[kOnHeadersComplete] = ({ statusCode, headers }) => this.#begin(statusCode, headers);
    this.#parser[kOnBody] = (chunk) => this.#take(chunk);
    this.#parser[kOnMessageComplete] = () => this.#complete(true);
  }

  /** @param chunk is read before this returns, and not kept */
  read(chunk: Buffer): void {
    if (this.#settled) return;
    const read: number | Error = this.#parser.execute(chunk);
    if (read instanceof Error) this.#break(codeOf(read), 'what came is no HTTP');
  }

  /** Nothing more will come. */
  end(): void {
    this.#parser.finish();
    this.#break('ECONNRESET', 'it broke off');
  }

  /** @returns 1: no body follows, whatever the headers say of one */
  #begin(status: number, headers: readonly string[]): number {
    this.#status = status;
    this.#headers = headers;
    if (status === 101) this.#break('ECONNRESET', 'an upgrade that nobody asked for');
    return status < 200 || status === 204 || status === 304 ? 1 : 0;
  }

  #take(chunk: Buffer): void {
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
    const { json, excerpt } = readBody(Buffer.concat(this.#body), whole);
    this.#settle({ kind: 'answer', status: this.#status, json, excerpt, ...this.#said() });
  }

  /** Nobody asks to come back later with a success. */
  #said(): Pick<HttpAnswer, 'retryAfterMs' | 'server'> {
    if (this.#status < 300) return { retryAfterMs: null };
    const server = this.#header('server');
    const asked = retryAfterMs(this.#header('retry-after'), this.#header('date'), Date.now());
    return { retryAfterMs: asked, ...(server === undefined ? {} : { server }) };
  }

  #header(name: string): string | undefined {
    const at = this.#headers.findIndex((text, i) => i % 2 === 0 && text.toLowerCase() === name);
    return at < 0 ? undefined : this.#headers[at + 1];
  }

  #break(code: string, message: string): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#fail(Object.assign(new Error(message), { code }));
  }
}

function codeOf(error: Error & { code?: unknown }): string {
  if (typeof error.code === 'string') return error.code;
  return error.message === 'max header size exceeded' ? 'HPE_HEADER_OVERFLOW' : 'HPE_INVALID';
}
