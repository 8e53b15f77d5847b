// An ordinary user's boots without root: `lifeguard boot install --user`, then PM2's own commands as docs/boot.md has them. One machine, its
// scenarios in a row. Run by `npm run test:boot`.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { Host, tell } from './host.ts';
import { missing } from './rootfs.ts';

const lacks = missing();
if (lacks !== null) throw new Error(lacks);

const UNIT = '/home/deploy/.config/systemd/user/pm2-lifeguard.service';

/** Runs the unit's program, and once, when that has ended well, kills the daemon: before systemd has looked for it. */
const THEN_KILLED = `#!/bin/sh
"$@" || exit
[ -e /tmp/killed ] && exit
kill -9 $(cat ~/.pm2/pm2.pid) && touch /tmp/killed
`;
const DIES_UNSEEN = `set -e
  chmod +x /usr/local/bin/then-killed
  mkdir ${UNIT}.d
  { printf '[Service]\\nExecStart=\\n'; sed -n 's,^ExecStart=,&/usr/local/bin/then-killed ,p' ${UNIT}; } >${UNIT}.d/unseen.conf`;

describe('an ordinary user, without root', { timeout: 900_000, concurrency: 1 }, () => {
  const host = new Host({ user: 'deploy', pm2: 'bin/pm2.js', node: process.execPath, unified: true, share: 0.5 });
  const { machine, here } = host;
  before(() => host.install());
  after(() => machine.dispose());

  host.scenario("without root, in the user's own systemd: handed over, killed, a reboot with nobody logged in", async (t) => {
    const systemctl = here.as('XDG_RUNTIME_DIR=/run/user/$(id -u deploy) systemctl --user');
    const isSupervised = (was: Record<string, string>) => host.isSupervised(was, 'pm2-lifeguard', systemctl);
    await machine.must(here.loggedIn(here.typedStart));
    await host.answers();
    const was = await host.allBack();

    await machine.must('systemctl mask --now polkit');
    const refused = await host.lifeguard('boot', 'install', '--user');
    assert.equal(refused.code, 1, refused.stderr);
    assert.match(refused.stdout, /^ {2}sudo loginctl enable-linger deploy$/m);
    await machine.must('systemctl unmask polkit');

    assert.match(
      await machine.must(here.lifeguard('boot install --user')),
      /Lingering is on for deploy.*\n.*Nothing was restarted/,
    );
    assert.deepEqual(await host.running(), was);
    await isSupervised(was);
    const daemon = await host.daemon();
    assert.equal(
      (await machine.run(here.lifeguardAsRoot('boot install --user deploy'))).code,
      1,
      'two units would start one daemon',
    );
    await machine.must('kill $(pgrep -f "[w]atch-daemon.sh")');
    const unwatched = await host.lifeguard('boot', 'status', '--user');
    assert.match(unwatched.stdout, /^nothing waits for the end of PM2's daemon.*\n {2}npx lifeguard boot install --user$/m);
    await machine.must(here.lifeguard('boot install --user'));
    await isSupervised(was);
    await machine.write('/usr/local/bin/then-killed', THEN_KILLED);
    await machine.must(`${DIES_UNSEEN}\n${systemctl} daemon-reload`);
    const since = performance.now();
    await machine.must(`kill -9 ${daemon}`);
    await machine.until('another daemon, and its end that nobody saw', '[ -e /tmp/killed ]');
    const seconds = await host.answers('/api/health', since);
    tell(t, "daemon killed, and the next one before systemd's first look, 200 again", seconds);
    assert.ok(seconds < 60, 'systemd by itself waits 90 s for another daemon');
    await host.allBack();
    await machine.must(`rm -r ${UNIT}.d && ${systemctl} daemon-reload`);

    await machine.shutDown();
    tell(t, "reboot, the user's own systemd, first 200", await host.answers('/api/health', machine.switchOn()));
    await isSupervised(await host.allBack());
    assert.match(await machine.must(here.lifeguard('boot remove')), /What runs goes on/);
    assert.equal(await host.is200(), true);
  });

  host.scenario("by PM2's own commands, a power cut: it is back, and watched", async (t) => {
    await machine.must(here.startup);
    await machine.must(here.save);
    await machine.must('sync'); // PM2 leaves what it has written to the kernel's leisure.
    await machine.powerCut();
    tell(t, "power cut, PM2's own unit, first 200", await host.answers('/api/health', machine.switchOn()));
    await host.allBack();
    tell(t, 'kill -9 then, 200 again', await host.heals());
  });

  host.scenario("as root where nothing says who that is, the unit is root's all the same", async () => {
    const unit = '/etc/systemd/system/pm2-root.service';
    await machine.must(`env -u USER PM2_HOME=/root/.pm2 /srv/backend/bin/pm2.js startup systemd && grep '^User=root$' ${unit}`);
  });
});
