// The job of launchd that `lifeguard boot install` writes on macOS. No macOS here: the text is held against what plutil and launchd.plist(5) ask for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobPath, launchdJob } from '../../../src/boot/launchd-job.ts';
import type { BootFacts } from '../../../src/boot/unit.ts';
import { parsedPlist } from '../../support/parsed-plist.ts';

const FACTS: BootFacts = {
  user: 'ada',
  pm2Home: '/Users/ada/.pm2',
  node: '/Users/ada/.nvm/versions/node/v22.12.0/bin/node',
  file: '/Users/ada/R&D <shop>/ecosystem.config.ts',
  packageFolder: '/Users/ada/R&D <shop>/node_modules/pm2-lifeguard',
  needs: ['/Users/ada/.pm2'],
  startMs: 90_000,
  stopMs: 90_000,
};

const GOLDEN = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- Written by lifeguard boot install; lifeguard boot remove takes it away. -->
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>pm2-lifeguard</string>
  <key>ProgramArguments</key>
  <array>
    <string>/bin/sh</string>
    <string>/Users/ada/R&amp;D &lt;shop&gt;/node_modules/pm2-lifeguard/bin/node-at-boot.sh</string>
    <string>/Users/ada/.nvm/versions/node/v22.12.0/bin/node</string>
    <string>/Users/ada/R&amp;D &lt;shop&gt;/node_modules/pm2-lifeguard/bin/pm2.js</string>
    <string>resurrect</string>
  </array>
  <key>EnvironmentVariables</key>
  <dict>
    <key>PM2_HOME</key>
    <string>/Users/ada/.pm2</string>
    <key>PATH</key>
    <string>/Users/ada/.nvm/versions/node/v22.12.0/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin</string>
  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>AbandonProcessGroup</key>
  <true/>
  <key>StandardOutPath</key>
  <string>/Users/ada/.pm2/launchd.log</string>
  <key>StandardErrorPath</key>
  <string>/Users/ada/.pm2/launchd.log</string>
</dict>
</plist>
`;

test("a user's job is this, word by word", () => {
  assert.equal(launchdJob(FACTS, 'agent'), GOLDEN);
  assert.equal(jobPath('agent', FACTS, '/Users/ada'), '/Users/ada/Library/LaunchAgents/pm2-lifeguard.plist');
});

/** launchd.plist(5): the keys that are used here, and what each may hold. */
const KNOWN: Record<string, (value: unknown) => boolean> = {
  Label: (value) => typeof value === 'string' && /^[\w.-]+$/.test(value),
  UserName: (value) => typeof value === 'string' && value !== '',
  ProgramArguments: (value) => isStrings(value) && String((value as string[])[0]).startsWith('/'),
  EnvironmentVariables: (value) => isStrings(Object.values(value as object)),
  RunAtLoad: (value) => typeof value === 'boolean',
  KeepAlive: (value) => JSON.stringify(value) === '{"SuccessfulExit":false}',
  AbandonProcessGroup: (value) => typeof value === 'boolean',
  StandardOutPath: (value) => isPath(value),
  StandardErrorPath: (value) => isPath(value),
};

function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string');
}

function isPath(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith('/') && !value.includes('//');
}

test('both jobs are property lists with keys that launchd knows; spaces and XML in a path come back as they were', () => {
  for (const kind of ['agent', 'daemon'] as const) {
    const job = parsedPlist(launchdJob(FACTS, kind));
    for (const [key, value] of Object.entries(job)) assert.ok(KNOWN[key]?.(value), `${kind}: ${key} ${JSON.stringify(value)}`);
    const [shell, script, node, pm2, what] = job.ProgramArguments as string[];
    const folder = FACTS.packageFolder;
    assert.deepEqual(
      [shell, script, node, pm2, what],
      ['/bin/sh', `${folder}/bin/node-at-boot.sh`, FACTS.node, `${folder}/bin/pm2.js`, 'resurrect'],
    );
    assert.equal(job.UserName, kind === 'daemon' ? 'ada' : undefined, 'the machine starts it as this user, never as root');
    assert.equal(jobPath('daemon', FACTS, '').split('/').at(-1), `${parsedPlist(launchdJob(FACTS, 'daemon')).Label}.plist`);
  }
});
