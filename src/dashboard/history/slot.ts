/** A day has 90 of them. */
export const SLOT_MS = 16 * 60_000;
export const SLOTS_A_DAY = 90;
/** 30 days are kept. */
export const SLOTS_KEPT = 30 * SLOTS_A_DAY;

/** What one backend was like in 16 minutes. Seconds that are in none of the three were not observed: lifeguard did not run, or was not to look. */
export interface Slot {
  /** Slots since 1970. */
  readonly slot: number;
  readonly wellS: number;
  readonly impairedS: number;
  readonly downS: number;
  readonly restarts: number;
  /** Of the answers to its checks, ms; null: there were none. */
  readonly p95Ms: number | null;
}

export function slotAt(wallMs: number): number {
  return Math.floor(wallMs / SLOT_MS);
}

/** Bytes of a slot on disk: its number, three times seconds, restarts, latency. */
export const SLOT_BYTES = 12;

export function encodeSlot({ slot, wellS, impairedS, downS, restarts, p95Ms }: Slot): Buffer {
  const bytes = Buffer.alloc(SLOT_BYTES);
  bytes.writeUInt32LE(slot, 0);
  bytes.writeUInt16LE(Math.round(wellS), 4);
  bytes.writeUInt16LE(Math.round(impairedS), 6);
  bytes.writeUInt16LE(Math.round(downS), 8);
  bytes.writeUInt8(Math.min(255, restarts), 10);
  bytes.writeUInt8(p95Ms === null ? 0 : latencyCode(p95Ms) + 1, 11);
  return bytes;
}

export function decodeSlot(bytes: Buffer): Slot {
  const code = bytes.readUInt8(11);
  return {
    slot: bytes.readUInt32LE(0),
    wellS: bytes.readUInt16LE(4),
    impairedS: bytes.readUInt16LE(6),
    downS: bytes.readUInt16LE(8),
    restarts: bytes.readUInt8(10),
    p95Ms: code === 0 ? null : latencyOf(code - 1),
  };
}

/** Latencies fall into so many classes, each 9 % wider than the one before; the last begins at a minute. */
export const LATENCY_CODES = 128;
const CODES_A_DOUBLING = 8;

export function latencyCode(ms: number): number {
  return Math.min(LATENCY_CODES - 1, Math.floor(CODES_A_DOUBLING * Math.log2(1 + Math.max(0, ms))));
}

/** The middle of a class, ms. */
export function latencyOf(code: number): number {
  return Math.round((2 ** ((code + 0.5) / CODES_A_DOUBLING) - 1) * 10) / 10;
}
