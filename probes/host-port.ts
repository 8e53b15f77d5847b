import type { WatchConfig } from '../src/config/resolved.ts';
import type { Host } from '../src/host/host.ts';
import { watchOom } from '../src/host/memory/oom-watch.ts';
import { cpuOfTrees, memoryOfTrees } from '../src/host/memory/tree-usage.ts';
import { endOrphan } from '../src/host/orphans/end-orphan.ts';
import { endLeftBehind } from '../src/host/orphans/left-behind.ts';
import { daemonPid } from '../src/host/orphans/marker.ts';
import { holderOf } from '../src/host/ports/port-owner.ts';
import { endGracefully } from '../src/host/processes/end-gracefully.ts';
import { killTree } from '../src/host/processes/kill-tree.ts';
import { wakeTree } from '../src/host/processes/wake.ts';
import { exitInfoOf } from '../src/incidents/exit-cause.ts';
import type { Ports } from '../src/lifeguard/ports.ts';

/** How often the OOM killer's count is looked at: what it did before is no reason for what dies later. */
const OOM_EVERY_MS = 5_000;

/** What the supervisor asks of the machine and does to its processes. */
export function hostPort(
  host: Host,
  { pm2Home, config, log }: { pm2Home: string; config: WatchConfig; log: (text: string) => void },
): Ports['host'] {
  const oom = watchOom(host.oomKills, () => performance.now());
  setInterval(oom.look, OOM_EVERY_MS).unref();
  const { owner } = config;
  const clustered = new Set(config.backends.filter(({ policy }) => policy.instances > 1).map(({ name }) => name));
  return {
    async holderOf(port, app, pids) {
      const daemon = daemonPid(pm2Home);
      // In cluster mode the daemon itself listens for the workers; an app may just have been made a cluster, so that it never is a stranger.
      const ownPids = clustered.has(app) && daemon !== null ? [...pids, daemon] : pids;
      const holder = await holderOf(host, port, { app, owner, pm2Home, ownPids });
      return holder !== null && holder.pid === daemon ? null : holder;
    },
    async endOrphan({ pid }, app) {
      if (pid === null) return;
      const end = await endOrphan(host, pid, { app, owner, pm2Home });
      log(`${app}: an orphan of it, pid ${pid}: ${end}`);
      await this.endLeftBehind(app);
    },
    async endLeftBehind(app) {
      try {
        const met = await endLeftBehind(host, { app, owner, pm2Home });
        if (met.length > 0) log(`${app}: what it had left behind was ended: pid ${met.map(({ pid }) => pid).join(', ')}`);
        return met.length > 0;
      } catch (error) {
        log(`${app}: whether it has left processes behind cannot be told: ${String(error)}`);
        return false;
      }
    },
    portWorkersOf: (asked) => host.portWorkersOf(asked),
    lookAtWorkers: (workers) => host.lookAtWorkers(workers),
    async endGracefully(pid, signal, withinMs) {
      const end = await endGracefully(host, pid, signal, withinMs);
      if (end === 'cut') log(`pid ${pid} did not end within ${withinMs} ms of ${signal}: it was killed with all below it`);
    },
    wake: async (pid) => void (await wakeTree(host, pid).catch(() => 0)),
    endWorker: async ({ pid, startTime }) => void (await killTree(host, pid, 'SIGKILL', { startTime })),
    killTree: async (pid) => (await killTree(host, pid, 'SIGKILL')).length,
    cpuOf: (trees) => cpuOfTrees(host, trees),
    memoryOf: (trees) => memoryOfTrees(host, trees),
    exitInfo: (process) => exitInfoOf({ ...process, pm2Home, takeOomKill: oom.takeKill }),
  };
}
