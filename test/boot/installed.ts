import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stepsOf } from '../docs/steps.ts';
import { ROOT } from '../support/sandbox.ts';
import type { Bind } from './machine.ts';

/** What docs/boot.md says to type. */
const PAGE = stepsOf(readFileSync(join(ROOT, 'docs/boot.md'), 'utf8')).flatMap((step) =>
  step.kind === 'run' ? [step.script.trim()] : [],
);

/** The scripts, to be run as root inside, of one way to run this package there. */
export interface Installed {
  readonly folder: string;
  readonly binds: readonly Bind[];
  readonly setUp: string;
  readonly start: string;
  /** What is typed for it. */
  readonly typedStart: string;
  readonly startup: string;
  readonly save: string;
  readonly pm2Home: string;
  readonly list: string;
  readonly kill: string;
  readonly daemonPid: string;
  /** A command, run as that user in the folder. */
  readonly as: (command: string) => string;
  /** The same in a session, as a login has it. */
  readonly loggedIn: (command: string) => string;
  readonly lifeguard: (args: string) => string;
  readonly lifeguardAsRoot: (args: string) => string;
  readonly journal: string;
}

const AT = '/srv/backend';
/** As the package has it, with the reference backend and the ecosystem file of this repository. Without sources: those are looked through at each start. */
const COPIED = ['bin', 'cjs', 'dist', 'package.json', 'ecosystem.config.ts', 'backend.schema.json', 'alert.schema.json'].join(
  ' ',
);

export interface Way {
  /** Who runs it. */
  readonly user: string;
  /** By which program, from the folder. */
  readonly pm2: string;
  /** This machine's file. */
  readonly node: string;
  /** /usr/local/bin/node is a file of its own, that can be put elsewhere. */
  readonly movesNode?: boolean;
}

/**
 * What was built here copied to /srv/backend (its node_modules shared, read-only), owned and run by `user`, with `pm2` as its pm2. Its ecosystem
 * file takes what was built, as that of a project does which has installed this as a package.
 */
export function install({ user, pm2, node, movesNode = false }: Way): Installed {
  const home = user === 'root' ? '/root' : `/home/${user}`;
  const become = user === 'root' ? '' : `setpriv --reuid=${user} --regid=${user} --init-groups -- `;
  const as = (command: string) => `${become}env -C ${AT} HOME=${home} USER=${user} ${command}`;
  const run = `${AT}/${pm2}`;
  const typed = (word: string) => as(typedInPage(word).replace('npx pm2', run));
  return {
    folder: AT,
    binds: [
      { from: node, to: movesNode ? '/opt/node' : '/usr/local/bin/node' },
      { from: ROOT, to: '/opt/pm2-lifeguard' },
    ],
    setUp: `set -e
      ${user === 'root' ? '' : `useradd -m ${user}`}
      ${movesNode ? 'cp /opt/node /usr/local/bin/node' : ''}
      mkdir -p ${AT}/logs ${AT}/data
      tar -C /opt/pm2-lifeguard -cf - ${COPIED} | tar -C ${AT} -xf -
      ln -s /opt/pm2-lifeguard/node_modules ${AT}/node_modules
      sed -i "s,'./src/index.ts','./dist/src/index.js'," ${AT}/ecosystem.config.ts
      chown -R ${user}: ${AT}
      sync`,
    start: typed('start'),
    typedStart: typedInPage('start').replace('npx pm2', run),
    startup: startup(user, typed('startup')),
    save: typed('save'),
    pm2Home: `${home}/.pm2`,
    list: as(`${run} ls`),
    kill: as(`${run} kill`),
    daemonPid: `cat ${home}/.pm2/pm2.pid`,
    as,
    loggedIn: (command) => `runuser -l ${user} -c 'cd ${AT} && ${command}'`,
    lifeguard: (args) => as(`/usr/local/bin/node ${AT}/bin/lifeguard.js ${args}`),
    lifeguardAsRoot: (args) => `env -C ${AT} /usr/local/bin/node bin/lifeguard.js ${args}`,
    journal: `cat ${AT}/logs/incidents.jsonl`,
  };
}

function typedInPage(word: string): string {
  const found = PAGE.find((command) => command.startsWith(`npx pm2 ${word}`));
  if (found === undefined) throw new Error(`docs/boot.md has no npx pm2 ${word}`);
  return found;
}

/** As a person does it: `pm2 startup`, and then, for an ordinary user, the command that it prints, by root. */
function startup(user: string, typed: string): string {
  if (user === 'root') return typed;
  return `command=$(${typed} | grep '^sudo env') || { echo "no command printed"; exit 1; }
    eval "\${command#sudo }"`;
}
