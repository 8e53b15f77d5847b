// Several projects in one PM2: whose an app is, is decided by who started it, never by its name.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { messageOf } from '../../src/pm2/command-line/failure.ts';
import { trigger } from '../../src/pm2/daemon/trigger.ts';
import { until } from '../support/poll.ts';
import { type Output, Sandbox } from '../support/sandbox.ts';
import { incarnations, type SmallProject, smallProject } from '../support/small-project.ts';

const sandbox = new Sandbox();
let shop: SmallProject;
let blog: SmallProject;

before(async () => {
  shop = await smallProject(sandbox, 'shop', ['api', 'web']);
  blog = await smallProject(sandbox, 'my blog', ['posts', 'web']);
  await shop.start();
});
after(() => sandbox.dispose());

/** What is said where it is refused. */
async function refusal(command: Promise<unknown>): Promise<string> {
  return command.then(
    () => assert.fail('it was not refused'),
    (error: unknown) => messageOf(error),
  );
}

async function ends(run: Promise<Output>, status: number): Promise<string> {
  const { code, stdout, stderr } = await run;
  assert.equal(code, status, stdout + stderr);
  return stdout + stderr;
}

test('a second project with a backend and a lifeguard of the same name: refused before anything is touched, with the ways out', async () => {
  const was = await incarnations(sandbox);
  const told = await refusal(blog.start());
  assert.match(told, new RegExp(`^web: there is an app of this name in this PM2, of ${shop.file}$`, 'm'));
  assert.match(told, /^lifeguard: there is an app of this name/m);
  assert.match(told, /lifeguard: \{ name: lifeguard-my-blog \}/);
  assert.match(told, /^Give yours another name/m);
  assert.match(told, /^Nothing was started or changed\.$/m);
  assert.match(await ends(blog.lifeguard('start'), 1), /^error: web: there is an app/m);
  assert.deepEqual(await incarnations(sandbox), was);
});

test('an app of the same name that somebody started by hand is not touched', async () => {
  writeFileSync(join(sandbox.dir, 'posts.cjs'), 'setInterval(() => {}, 1000);');
  await ends(sandbox.pm2('start', 'posts.cjs'), 0);
  blog.configure({}, { lifeguard: { name: 'lifeguard-blog' } });
  const was = await incarnations(sandbox);
  const only = ['posts'];
  assert.match(await refusal(blog.start({ only })), /^posts: there is an app .*, which somebody started by hand$/m);
  assert.match(await refusal(blog.restart({ only })), /^posts: there is an app/m);
  await blog.stop({ only });
  await blog.delete({ only });
  assert.deepEqual(await incarnations(sandbox), was);
  await ends(sandbox.pm2('delete', 'posts'), 0);
});

test('under names of their own two projects run side by side, each with its lifeguard and its status', async () => {
  blog = await smallProject(sandbox, 'my blog', ['posts', 'notes']);
  blog.configure({}, { lifeguard: { name: 'lifeguard-blog' } });
  const was = await incarnations(sandbox);
  await ends(blog.lifeguard('start'), 0);
  const { posts, notes, 'lifeguard-blog': second, ...first } = await incarnations(sandbox);
  assert.deepEqual(first, was);
  assert.deepEqual([posts?.length, notes?.length, second?.length], [1, 1, 1]);
  for (const [project, mine, others] of [
    [shop, /^api[\s\S]*^lifeguard /m, /posts|blog/],
    [blog, /^posts[\s\S]*^lifeguard-blog/m, /api|web/],
  ] as const) {
    const shown = await ends(project.lifeguard('status'), 0);
    assert.match(shown, mine);
    assert.doesNotMatch(shown, others);
  }
  for (const name of ['lifeguard', 'lifeguard-blog'])
    assert.equal(readdirSync(join(sandbox.pm2Home, 'lifeguard', name)).filter((file) => /^config-/.test(file)).length, 1);
});

test('from another folder one has to say which project is meant', async () => {
  const told = await ends(sandbox.lifeguard('status'), 64);
  assert.match(told, /2 projects/);
  assert.ok(told.includes(`  ${shop.file}\n  ${blog.file}`), told);
});

test('each lifeguard watches its own: a crash is in one journal, an action is known to one', async () => {
  const was = await incarnations(sandbox);
  process.kill(Number(was.posts?.[0]?.split('@')[0]), 'SIGKILL');
  await until('posts to be back', async () => {
    const now = (await incarnations(sandbox)).posts;
    return now?.[0]?.includes('@') && now[0] !== was.posts?.[0];
  });
  await until('its line', () => existsSync(join(blog.dir, 'logs/incidents.jsonl')));
  assert.equal(existsSync(join(shop.dir, 'logs/incidents.jsonl')), false);
  const asked = await trigger(sandbox.pm2Home, 'lifeguard', 'restart', 'posts', 6_000);
  assert.match(String(asked.error), /one of: api, web/);
});

test('stop and delete of one leave the other alone, and the daemon with it', async () => {
  const was = await incarnations(sandbox, 'posts', 'notes', 'lifeguard-blog');
  await shop.stop();
  await shop.start();
  await shop.delete();
  assert.deepEqual(await incarnations(sandbox), was);
  assert.match(await ends(shop.lifeguard('stop'), 0), /Nothing of it was running\. PM2's daemon runs on: it also runs/);
  await shop.start();
  const shops = await incarnations(sandbox, 'api', 'web', 'lifeguard');
  assert.match(await ends(blog.lifeguard('stop'), 0), /Stopped: lifeguard-blog, notes, posts\./);
  assert.deepEqual(await incarnations(sandbox), shops);
});
