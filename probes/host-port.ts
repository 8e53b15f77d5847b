import type { WatchConfig } from '../src/config/resolved.ts';
import type { Host } from '../src/host/host.ts';
import { watchOom } from '../src/host/memory/oom-watch.ts';
import { memoryOfTrees } from '../src/host/memory/tree-usage.ts';
import { endOrphan } from '../src/host/orphans/end-orphan.ts';
import { daemonPid } from '../src/host/orphans/marker.ts';
import { holderOf } from '../src/host/ports/port-owner.ts';
import { killTree } from '../src/host/processes/kill-tree.ts';
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
    holderOf(port, app, pids) {
      // In cluster mode the daemon itself listens for the workers.
      const daemon = clustered.has(app) ? daemonPid(pm2Home) : null;
      return holderOf(host, port, { app, owner, pm2Home, ownPids: daemon === null ? pids : [...pids, daemon] });
    },
    async endOrphan({ pid }, app) {
      if (pid === null) return;
      const end = await endOrphan(host, pid, { app, owner, pm2Home });
      log(`${app}: an orphan of it, pid ${pid}: ${end}`);
    },
    killTree: async (pid) => (await killTree(host, pid, 'SIGKILL')).length,
    memoryOf: (trees) => memoryOfTrees(host, trees),
    exitInfo: (process) => exitInfoOf({ ...process, pm2Home, takeOomKill: oom.takeKill }),
  };
}
