// What `lifeguard export systemd` writes, run for real: the lines that it says to type are typed, then the backend crashes, hangs, answers 503,
// and the machine loses its power. Run by `npm run test:boot`.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, type TestContext } from 'node:test';
import { ROOT } from '../support/sandbox.ts';
import { inOrder, tell } from './host.ts';
import { Machine } from './machine.ts';
import { missing, rootfs } from './rootfs.ts';

const lacks = missing();
if (lacks !== null) throw new Error(lacks);

const ECOSYSTEM = `import { defineEcosystem } from 'pm2-lifeguard';
export const { apps } = defineEcosystem(import.meta.url, { backends: [] });
`;
const BACKEND = `backends:
  - name: shop
    run: { script: server.cjs }
    port: 5570
    health: { liveness: /, readiness: null, interval: 250ms, timeout: 1s, startup_timeout: 5s }
    restart: { kill_timeout: 2s, stop_signal: SIGTERM }
`;

describe('lifeguard export systemd', { timeout: 600_000, concurrency: 1 }, () => {
  const binds = [
    { from: process.execPath, to: '/usr/local/bin/node' },
    { from: ROOT, to: '/srv/shop/node_modules/pm2-lifeguard' },
  ];
  const machine = new Machine(rootfs(), binds, { share: 0.5 });
  const scenario = inOrder();
  before(async () => {
    await machine.boot();
    await machine.must('useradd -m deploy');
    await machine.write('/srv/shop/ecosystem.config.ts', ECOSYSTEM);
    await machine.write('/srv/shop/backend.yaml', BACKEND);
    await machine.write('/srv/shop/server.cjs', readFileSync(join(ROOT, 'test/boot/sick-server.cjs'), 'utf8'));
    await machine.must('chown deploy: /srv/shop /srv/shop/*.*');
  });
  after(() => machine.dispose());

  const ask = (path = '/') => machine.run(`curl -sf -m 2 http://127.0.0.1:5570${path}`);
  const answers = async (since = performance.now(), but = '') => {
    await machine.on();
    await machine.until('an answer of another one', `pid=$(curl -sf -m 2 http://127.0.0.1:5570) && [ "$pid" != "${but}" ]`);
    const seconds = (performance.now() - since) / 1_000;
    return { pid: (await ask()).stdout, seconds };
  };
  const breaks = async (t: TestContext, path: string) => {
    const { pid } = await answers();
    await machine.run(`curl -s -m 1 http://127.0.0.1:5570${path}`);
    tell(t, `${path}, 200 again`, (await answers(performance.now(), pid)).seconds);
  };

  scenario('the lines that it says to type are typed as they are: it answers', async (t) => {
    const said = await machine.must(
      'cd /srv/shop && runuser -u deploy -- /usr/local/bin/node node_modules/pm2-lifeguard/bin/lifeguard.js export systemd --output units',
    );
    const typed = said.slice(said.indexOf('Next:')).match(/^ {2}sudo .*$/gm) ?? [];
    assert.ok(typed.length > 3, said);
    const since = performance.now();
    for (const line of typed) await machine.must(line.replace('  sudo ', ''));
    tell(t, 'enabled, first 200', (await answers(since)).seconds);
    await machine.must('systemd-analyze verify --man=no shop.service');
  });

  scenario('what it prints is in a journal of its own', async () => {
    await machine.until('its line', "journalctl --namespace=shop -o cat --no-pager | grep -qE '^listening as [0-9]+$'");
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
    await machine.until('it to be watched', "journalctl -b -u shop-health -o cat --no-pager | grep -q '^watching shop$'");
    await breaks(t, '/hang');
  });
});
