// What `lifeguard export systemd` writes, run for real: the lines that it says to type are typed, then the backend crashes, hangs, answers 503,
// and the machine loses its power. Run by `npm run test:boot`.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, type TestContext } from 'node:test';
import { until } from '../support/poll.ts';
import { ROOT } from '../support/sandbox.ts';
import { inOrder, tell } from './host.ts';
import { Machine } from './machine.ts';
import { missing, rootfs } from './rootfs.ts';

const lacks = missing();
if (lacks !== null) throw new Error(lacks);

const PATIENT = { deadlineMs: 120_000, everyMs: 100 };
const ECOSYSTEM = `import { defineEcosystem } from '/opt/pm2-lifeguard/src/index.ts';
export const { apps } = defineEcosystem(import.meta.url, { backends: [] });
`;
const BACKEND = `backends:
  - name: shop
    run: { script: server.cjs }
    port: 5570
    health: { liveness: /, readiness: null, interval: 250ms, timeout: 1s, startup_timeout: 5s }
    restart: { kill_timeout: 2s, stop_signal: SIGTERM }
`;

describe('lifeguard export systemd', { timeout: 600_000 }, () => {
  const machine = new Machine(rootfs(), [
    { from: process.execPath, to: '/usr/local/bin/node' },
    { from: ROOT, to: '/opt/pm2-lifeguard' },
  ]);
  const scenario = inOrder();
  before(async () => {
    await machine.boot();
    await machine.must('useradd -m deploy && mkdir -p /srv/shop');
    await machine.write('/srv/shop/ecosystem.config.ts', ECOSYSTEM);
    await machine.write('/srv/shop/backend.yaml', BACKEND);
    await machine.write('/srv/shop/server.cjs', readFileSync(join(ROOT, 'test/boot/sick-server.cjs'), 'utf8'));
    await machine.must('chown -R deploy: /srv/shop');
  });
  after(() => machine.dispose());

  const ask = (path = '/') => machine.run(`curl -sf -m 2 http://127.0.0.1:5570${path}`);
  const answers = async (since = performance.now(), but = '') => {
    const well = async () => {
      const { code, stdout } = await ask();
      return code === 0 && stdout !== but && stdout;
    };
    const pid = await until(`an answer of another one than ${but}\n${machine.console()}`, well, PATIENT);
    return { pid, seconds: (performance.now() - since) / 1_000 };
  };
  const breaks = async (t: TestContext, path: string) => {
    const { pid } = await answers();
    await machine.run(`curl -s -m 1 http://127.0.0.1:5570${path}`);
    tell(t, `${path}, 200 again`, (await answers(performance.now(), pid)).seconds);
  };

  scenario('the lines that it says to type are typed as they are: it answers', async (t) => {
    const said = await machine.must(
      'cd /srv/shop && runuser -u deploy -- /usr/local/bin/node /opt/pm2-lifeguard/bin/lifeguard.js export systemd --output units',
    );
    const typed = said.slice(said.indexOf('Next:')).match(/^ {2}sudo .*$/gm) ?? [];
    assert.ok(typed.length > 3, said);
    const since = performance.now();
    for (const line of typed) await machine.must(line.replace('  sudo ', ''));
    tell(t, 'enabled, first 200', (await answers(since)).seconds);
    await machine.must('systemd-analyze verify --man=no shop.service');
  });

  scenario('what it prints is in a journal of its own', async () => {
    const lines = () => machine.must('journalctl --namespace=shop -o cat --no-pager');
    await until('its line', async () => /^listening as \d+$/m.test(await lines()), PATIENT);
  });

  scenario('it crashes: started again', (t) => breaks(t, '/crash'));
  scenario('it hangs: killed and started again', (t) => breaks(t, '/hang'));
  scenario('it answers 503: restarted gracefully', async (t) => {
    await breaks(t, '/sick');
    assert.match(await machine.must('journalctl --namespace=shop -o cat --no-pager'), /^asked to end$/m);
  });

  scenario('it is stopped by hand: it stays stopped', async () => {
    await machine.must('systemctl stop shop');
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    assert.equal((await ask()).code, 7);
    await machine.must('systemctl start shop');
    await answers();
  });

  scenario('a power cut: it is back, and watched', async (t) => {
    await machine.must('sync');
    await machine.powerCut();
    tell(t, 'power cut, first 200', (await answers(machine.switchOn())).seconds);
    const said = () => machine.must('journalctl -b -u shop-health -o cat --no-pager');
    await until('it to be watched', async () => /^watching shop$/m.test(await said()), PATIENT);
    await breaks(t, '/hang');
  });
});
