import type { Play } from './play.ts';

/** Our own declaration of a backend's restarts: see docs/decisions/pm2-own-restarts.md. */
const OURS = { exp_backoff_restart_delay: 100, max_restarts: 2_147_483_647, kill_timeout: 4_000 };
/** Long enough for what a play does meanwhile, on a busy machine too. */
const PM2_WAITS_MS = 40_000;
const CLUSTER = { ...OURS, exec_mode: 'cluster', instances: 2, listen_timeout: 3_000 } as const;
/** Short plays for a real PM2 and for its model: what both say must be the same. By name, which is the app's name too. */
export const SCRIPTS: Readonly<Record<string, (play: Play) => Promise<void>>> = {
  async crash(play) {
    await up(play, {});
    await play.kill();
    await play.heard('online', 2);
    play.time('from a crash to the next start', 'exit', 'online', 1);
    await play.sleep(50);
    play.noteBus();
    await play.noteList();
  },

  async 'crash-loop'(play) {
    await play.start({ behaviour: { endsAfterMs: 150 }, declared: OURS });
    await play.heard('exit', 4);
    play.time('the first delay', 'exit', 'online', 1);
    play.time('the third delay', 'exit', 'online', 3);
    play.noteBus(9);
    await play.call('deleteProcessId');
  },

  async 'stop-and-start'(play) {
    await up(play, { drainMs: 30 });
    await play.call('stopProcessId');
    await play.announce('stop');
    await play.sleep(500);
    await play.noteList();
    await play.call('stopProcessId');
    await play.call('restartProcessId');
    await play.sleep(200);
    play.noteBus();
    await play.noteList();
  },

  async 'stop-announced-after-a-start'(play) {
    await up(play, { drainMs: 30 });
    await play.call('stopProcessId');
    await play.call('restartProcessId');
    await play.announce('stop');
    await play.sleep(500);
    play.noteBus();
    await play.noteList();
  },

  async 'restart-of-what-runs'(play) {
    await up(play, { drainMs: 30 });
    await play.call('restartProcessId');
    await play.sleep(500);
    play.noteBus();
    await play.noteList();
    await play.kill();
    await play.heard('online');
    play.time('from a crash after a restart to the next start', 'exit', 'online', 1);
    await play.sleep(50);
    play.noteBus();
  },

  async 'restart-while-it-waits'(play) {
    await play.start({ behaviour: { endsAfterMs: 300 }, declared: { ...OURS, exp_backoff_restart_delay: PM2_WAITS_MS } });
    await play.heard('exit');
    await play.noteList();
    await play.call('restartProcessId');
    await play.call('reloadProcessId');
    await play.noteList();
    await play.call('stopProcessId');
    await play.sleep(300);
    play.noteBus();
    await play.noteList();
  },

  async 'stop-while-it-waits'(play) {
    await play.start({ behaviour: { endsAfterMs: 300 }, declared: { ...OURS, exp_backoff_restart_delay: PM2_WAITS_MS } });
    await play.heard('exit');
    await play.call('stopProcessId');
    await play.sleep(300);
    play.noteBus();
    await play.noteList();
    await play.call('restartProcessId');
    await play.heard('online');
    play.noteBus();
    await play.call('deleteProcessId');
    await play.noteList();
  },

  async 'two-restarts-at-once'(play) {
    await up(play, { drainMs: 1_500 });
    const first = play.call('restartProcessId');
    await play.sleep(400);
    await play.call('restartProcessId');
    await first;
    await play.sleep(500);
    play.noteBus();
    await play.noteList();
  },

  async 'two-stops-at-once'(play) {
    await up(play, { drainMs: 1_500 });
    const first = play.call('stopProcessId');
    await play.sleep(400);
    await play.call('stopProcessId');
    await first;
    await play.sleep(500);
    play.noteBus();
    await play.noteList();
  },

  async 'ignores-its-signal'(play) {
    await up(play, { drainMs: null });
    await play.call('stopProcessId');
    await play.sleep(200);
    play.noteBus();
    await play.noteList();
  },

  async 'killed-while-it-is-stopped'(play) {
    await up(play, { drainMs: null });
    const stopped = play.call('stopProcessId');
    await play.sleep(600);
    await play.kill();
    await stopped;
    await play.sleep(400);
    play.noteBus();
    await play.noteList();
  },

  async 'not-restarted'(play) {
    await play.start({ behaviour: { endsAfterMs: 300 }, declared: { autorestart: false } });
    await play.heard('exit');
    await play.sleep(400);
    play.noteBus();
    await play.noteList();
  },

  async 'given-up-by-pm2'(play) {
    await play.start({ behaviour: { endsAfterMs: 50 }, declared: { max_restarts: 3, min_uptime: 20_000 } });
    await play.heard('restart overlimit');
    await play.sleep(500);
    play.noteBus();
    await play.noteList();
  },

  async 'cluster-one-stopped'(play) {
    await clusterUp(play);
    await play.call('stopProcessId', 1);
    await play.sleep(300);
    play.noteBus();
    await play.noteList();
    await play.call('restartProcessId', 1);
    await play.sleep(300);
    play.noteBus();
    await play.call('deleteProcessId', 0);
    await play.sleep(200);
    play.noteBus();
    await play.noteList();
  },

  async 'cluster-one-crashes'(play) {
    await clusterUp(play);
    await play.kill(1);
    await play.heard('online', 1, 1);
    await play.sleep(100);
    play.noteBus();
    await play.noteList();
  },

  async 'cluster-reload'(play) {
    await clusterUp(play);
    await play.call('reloadProcessId', 0);
    await play.sleep(200);
    play.noteBus();
    await play.noteList();
    const first = play.call('reloadProcessId', 1);
    await play.sleep(5);
    await play.call('reloadProcessId', 1);
    await first;
    await play.sleep(200);
    play.noteBus();
  },

  async 'cluster-reload-of-what-never-listens'(play) {
    await play.start({ behaviour: { drainMs: 30 }, declared: { ...CLUSTER, instances: 1, listen_timeout: 1_200 } });
    await play.heard('online');
    await play.settled();
    play.noteBus();
    await play.call('reloadProcessId', 0);
    await play.sleep(200);
    play.noteBus();
    await play.noteList();
  },

  async unknown(play) {
    for (const method of ['restartProcessId', 'reloadProcessId', 'stopProcessId', 'deleteProcessId']) await play.call(method, 7);
    await play.noteList();
  },
};

async function up(play: Play, behaviour: { readonly drainMs?: number | null }): Promise<void> {
  await play.start({ behaviour, declared: OURS });
  await play.heard('online');
  await play.settled();
}

async function clusterUp(play: Play): Promise<void> {
  await play.start({ behaviour: { drainMs: 30, listens: true }, declared: CLUSTER });
  await play.heard('online', 1, 0);
  await play.heard('online', 1, 1);
  await play.settled();
  play.noteBus();
}
