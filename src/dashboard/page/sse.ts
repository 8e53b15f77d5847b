/** One server-sent event as it goes over the wire; made once for all who get it. */
export function sse(event: 'view' | 'change', value: unknown): Buffer {
  return Buffer.from(`event: ${event}\ndata: ${JSON.stringify(value)}\n\n`);
}
