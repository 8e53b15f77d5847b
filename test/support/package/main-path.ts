import assert from 'node:assert/strict';
import { until } from '../poll.ts';
import type { Form, Stranger } from './stranger.ts';

/** Starts, is healthy, is found running, stops, and nothing is left. */
export async function mainPath(stranger: Stranger, form: Form, node: string): Promise<void> {
  const { port } = await stranger.write(form);
  const lifeguard = async (...args: string[]) => {
    const { code, stdout, stderr } = await stranger.lifeguard(node, ...args);
    assert.equal(code, 0, `lifeguard ${args.join(' ')}\n${stdout}\n${stderr}`);
    return stdout + stderr;
  };
  assert.match(await lifeguard('validate'), /Valid.*: api/);
  await lifeguard('start');
  assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 200);
  await until('status to say that it is healthy', async () => /api +healthy/.test(await lifeguard('status')), {
    deadlineMs: 60_000,
  });
  const said = await lifeguard('stop');
  await until(`api to be gone after: ${said}`, () =>
    fetch(`http://127.0.0.1:${port}/`).then(
      () => false,
      () => true,
    ),
  );
}
