import { join } from 'node:path';
import { plist } from './plist.ts';
import { type BootFacts, HEADER, pathWith } from './unit.ts';

const LABEL = 'pm2-lifeguard';

/** `agent`: of a user, started at his login. `daemon`: of the machine, started with it; for root to write. */
export type JobKind = 'agent' | 'daemon';

export function jobPath(kind: JobKind, { user }: Pick<BootFacts, 'user'>, home: string): string {
  return kind === 'agent'
    ? join(home, 'Library/LaunchAgents', `${LABEL}.plist`)
    : `/Library/LaunchDaemons/${LABEL}.${user}.plist`;
}

/**
 * What launchd starts on macOS: `pm2 resurrect`, tried again until it ends well. The daemon that it leaves behind is nobody's child: launchd
 * does not look after it. Keys: launchd.plist(5).
 */
export function launchdJob(facts: BootFacts, kind: JobKind): string {
  const { user, pm2Home, node, packageFolder } = facts;
  const program = ['/bin/sh', `${packageFolder}/bin/node-at-boot.sh`, node, `${packageFolder}/bin/pm2.js`, 'resurrect'];
  return plist(HEADER, {
    Label: kind === 'agent' ? LABEL : `${LABEL}.${user}`,
    ...(kind === 'daemon' ? { UserName: user } : {}),
    ProgramArguments: program,
    EnvironmentVariables: { PM2_HOME: pm2Home, PATH: pathWith(node) },
    RunAtLoad: true,
    KeepAlive: { SuccessfulExit: false },
    AbandonProcessGroup: true,
    StandardOutPath: `${pm2Home}/launchd.log`,
    StandardErrorPath: `${pm2Home}/launchd.log`,
  });
}
