import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeArgument, encodeFrame, FrameReader } from '../../../src/pm2/daemon/amp.ts';

const require = createRequire(import.meta.url);

/** Feeds the bytes in pieces of the given sizes and returns the decoded frames. */
function read(bytes: Buffer, sizes: readonly number[], wants?: (first: Buffer) => boolean): unknown[][] {
  const frames: unknown[][] = [];
  const reader = new FrameReader((args) => frames.push(args.map(decodeArgument)), wants);
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    reader.push(bytes.subarray(at, at + size));
    at += size;
  }
  return frames;
}

const frame = fc.array(fc.oneof(fc.string(), fc.jsonValue({ maxDepth: 2 })), { minLength: 1, maxLength: 15 });
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });

test('frames come out as they went in, however the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 6 }), sizes, (frames, cuts) => {
      assert.equal(JSON.stringify(read(Buffer.concat(frames.map(encodeFrame)), cuts)), JSON.stringify(frames));
    }),
  );
});

test('what is not wanted is skipped and the next frame is found', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('log:out', 'process:event'), fc.string()), { maxLength: 8 }),
      sizes,
      (frames, cuts) => {
        const got = read(Buffer.concat(frames.map(encodeFrame)), cuts, (first) => first.toString() === 's:process:event');
        assert.deepEqual(
          got,
          frames.filter(([topic]) => topic === 'process:event'),
        );
      },
    ),
  );
});

test("PM2's own packer and this one make the same bytes", () => {
  const Message = require('amp-message') as new (args: unknown[]) => { toBuffer(): Buffer };
  const args = ['topic', { a: [1, 'é', null] }, 7];
  assert.deepEqual(encodeFrame(args), new Message(args).toBuffer());
});
