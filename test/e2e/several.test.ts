// Several backends in one file, one lifeguard: what happens to one does not happen to another.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { change } from '../support/checkout.ts';
import { answers, ask, Clone } from '../support/clone.ts';
import { until } from '../support/poll.ts';
import { freePort } from '../support/port.ts';

describe('examples/several', { timeout: 120_000 }, () => {
  const ports = { web: 0, notes: 0 };
  let clone: Clone;
  const url = (name: 'web' | 'notes') => `http://127.0.0.1:${ports[name]}/health`;
  const file = (name: string) => readFileSync(join(clone.dir, 'examples/several/logs', name), 'utf8');
  const pids = async (name: string) => (await clone.pids(name)).toSorted();

  before(async () => {
    clone = new Clone();
    for (const [name, from] of [
      ['web', '5561'],
      ['notes', '5562'],
    ] as const) {
      ports[name] = await freePort();
      change(join(clone.dir, 'examples/several/backend.yaml'), from, String(ports[name]));
    }
    await clone.pm2('start', 'examples/several/ecosystem.config.ts');
    await answers(url('web'));
    await answers(url('notes'));
  });
  after(() => clone?.dispose());

  it('each has its own port, processes and log', async () => {
    const [web, notes] = [await pids('web'), await pids('notes')];
    assert.deepEqual([web.length, notes.length, (await pids('lifeguard')).length], [2, 1, 1]);
    assert.ok(web.includes(JSON.parse((await ask(url('web')))?.body ?? '{}').pid));
    assert.deepEqual(JSON.parse((await ask(url('notes')))?.body ?? '{}'), { status: 'healthy', notes: 0 });
    assert.deepEqual(pidsIn(file('web.log')), web);
    assert.deepEqual(pidsIn(file('notes.log')), notes);
  });

  it('a crash of one is the restart of one, and its line in the journal', async () => {
    const web = await pids('web');
    const [notes = 0] = await pids('notes');
    process.kill(notes, 'SIGKILL');
    await until(
      'notes to be back',
      async () => (await ask(url('notes')))?.status === 200 && !(await pids('notes')).includes(notes),
    );
    assert.deepEqual(await pids('web'), web);
    const lines = await until('the crash in the journal', () => {
      const entries = file('incidents.jsonl')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      return entries.some(({ cause }) => cause === 'crash') && entries;
    });
    assert.deepEqual([...new Set(lines.map(({ backend }) => backend))], ['notes']);
  });

  it('an action names the backend that it means', async () => {
    const [web, notes] = [await pids('web'), await pids('notes')];
    assert.match(await clone.pm2('trigger', 'lifeguard', 'restart', 'notes'), /notes/);
    await until(
      'notes to be restarted',
      async () => (await ask(url('notes')))?.status === 200 && !(await pids('notes')).includes(notes[0] ?? 0),
    );
    assert.deepEqual(await pids('web'), web);
    assert.match(await clone.pm2('trigger', 'lifeguard', 'restart', 'nobody'), /one of: web, notes/);
  });

  it('one stopped by its operator stays so, the other serves on', async () => {
    const notes = await pids('notes');
    await clone.pm2('stop', 'web');
    const status = await until('lifeguard to see it', async () => {
      const said = await clone.pm2('trigger', 'lifeguard', 'status', 'web');
      return /"stopped"/.test(said) && said;
    });
    assert.doesNotMatch(status, /"notes"/);
    assert.equal(await ask(url('web')), null);
    assert.deepEqual(await pids('notes'), notes);
    await clone.pm2('start', 'examples/several/ecosystem.config.ts', '--only', 'web');
    await answers(url('web'));
    assert.deepEqual(await pids('notes'), notes);
  });
});

/** The pids that a log's lines `listening, pid N` name. */
function pidsIn(log: string): number[] {
  return [...log.matchAll(/listening, pid (\d+)/g)].map(([, pid]) => Number(pid)).toSorted();
}
