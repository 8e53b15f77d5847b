/** What a server says of a service (grpc.health.v1, HealthCheckResponse.ServingStatus). */
export type ServingStatus = 'UNKNOWN' | 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';

const STATUSES: readonly ServingStatus[] = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];
/** gRPC puts before each message: not compressed, and its length in four bytes. */
const PREFIX_BYTES = 5;
/** Field 1, of text and of a number (Protocol Buffers, wire format). */
const TEXT_1 = 0x0a;
const NUMBER_1 = 0x08;

/** A HealthCheckRequest for a service; '' is the server as a whole. */
export function healthRequest(service: string): Buffer {
  const name = Buffer.from(service, 'utf8');
  const message = name.length === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([TEXT_1, ...varint(name.length)]), name]);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** The status in a HealthCheckResponse; null: it is none. */
export function servingStatus(body: Buffer): ServingStatus | null {
  if (body.length < PREFIX_BYTES || body[0] !== 0) return null;
  const message = body.subarray(PREFIX_BYTES);
  if (message.length !== body.readUInt32BE(1)) return null;
  if (message.length === 0) return 'UNKNOWN'; // Protocol Buffers leave out what is 0.
  const [field, status = -1] = message;
  return field === NUMBER_1 ? (STATUSES[status] ?? null) : null;
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >> 7)];
}
