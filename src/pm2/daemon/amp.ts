/**
 * The framing that PM2's daemon speaks on its sockets (AMP, from npm's `amp` and `amp-message`): one byte with the version in its
 * high and the number of arguments in its low half, then each argument as a 32-bit length and its bytes. An argument that starts
 * with `j:` is JSON, with `s:` a string.
 */

const VERSION = 1;

/** Packs strings as `s:…` and everything else as `j:` JSON. At most 15 arguments. */
export function encodeFrame(args: readonly unknown[]): Buffer {
  const parts: Buffer[] = [Buffer.from([(VERSION << 4) | args.length])];
  for (const arg of args) {
    const bytes = Buffer.from(typeof arg === 'string' ? `s:${arg}` : `j:${JSON.stringify(arg ?? null)}`);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    parts.push(length, bytes);
  }
  return Buffer.concat(parts);
}

/** @throws SyntaxError on damaged JSON */
export function decodeArgument(bytes: Buffer): unknown {
  const kind = bytes.toString('latin1', 0, 2);
  if (kind === 'j:') return JSON.parse(bytes.toString('utf8', 2));
  return kind === 's:' ? bytes.toString('utf8', 2) : bytes;
}

/**
 * Cuts a stream of bytes into frames. A frame whose first argument `wants` refuses is skipped by its lengths alone: it is neither
 * kept nor decoded, which is what makes it cheap to sit on a bus that carries every log line too.
 */
export class FrameReader {
  readonly #wants: (first: Buffer) => boolean;
  readonly #onFrame: (args: Buffer[]) => void;
  #chunks: Buffer[] = [];
  #available = 0;
  /** Bytes still to come of an argument that is not wanted. */
  #skip = 0;
  #wanted = true;
  #argsLeft = 0;
  #args: Buffer[] = [];
  #length: number | null = null;

  constructor(onFrame: (args: Buffer[]) => void, wants: (first: Buffer) => boolean = () => true) {
    this.#onFrame = onFrame;
    this.#wants = wants;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#available += chunk.length;
    while (this.#step());
  }

  /** One header, length or argument; false when more bytes are needed. */
  #step(): boolean {
    if (this.#skip > 0) return this.#skipBytes();
    if (this.#argsLeft === 0) {
      const meta = this.#take(1)?.[0];
      if (meta === undefined) return false;
      this.#argsLeft = meta & 0xf;
      this.#args = [];
      this.#wanted = true;
      return true;
    }
    this.#length ??= this.#take(4)?.readUInt32BE() ?? null;
    if (this.#length === null) return false;
    return this.#wanted ? this.#readArgument(this.#length) : this.#skipArgument(this.#length);
  }

  #readArgument(length: number): boolean {
    const bytes = this.#take(length);
    if (bytes === null) return false;
    if (this.#args.length === 0) this.#wanted = this.#wants(bytes);
    if (this.#wanted) this.#args.push(bytes);
    this.#length = null;
    this.#argsLeft -= 1;
    if (this.#argsLeft === 0 && this.#wanted) this.#onFrame(this.#args);
    return true;
  }

  #skipArgument(length: number): boolean {
    this.#skip = length;
    this.#length = null;
    this.#argsLeft -= 1;
    return true;
  }

  #skipBytes(): boolean {
    const n = Math.min(this.#skip, this.#available);
    if (n === 0) return false;
    this.#take(n);
    this.#skip -= n;
    return true;
  }

  /** The next `n` bytes, or null while they are not all there. */
  #take(n: number): Buffer | null {
    if (this.#available < n) return null;
    const [first] = this.#chunks;
    let bytes: Buffer;
    if (first !== undefined && first.length >= n) {
      bytes = first.subarray(0, n);
      if (first.length === n) this.#chunks.shift();
      else this.#chunks[0] = first.subarray(n);
    } else {
      const all = Buffer.concat(this.#chunks);
      bytes = all.subarray(0, n);
      this.#chunks = all.length > n ? [all.subarray(n)] : [];
    }
    this.#available -= n;
    return bytes;
  }
}
