import { existsSync } from 'node:fs';
import { daemonPid } from '../host/orphans/marker.ts';
import type { App, Ownership } from '../pm2/ownership/owner.ts';
import { recordOf } from '../pm2/ownership/record.ts';
import { lingers } from './linger.ts';
import { type UnitState, unitState } from './systemctl.ts';
import { type BootFacts, bootUnit } from './unit.ts';
import { type UnitPlace, writtenUnit } from './unit-place.ts';
import { isWatched } from './watch.ts';

/** What is wrong with the next boot, and what mends it. */
export interface Finding {
  readonly code: string;
  readonly text: string;
  readonly mend: string;
}

export interface BootLook {
  readonly place: UnitPlace;
  readonly facts: BootFacts;
  /** PM2's list; null: no daemon runs. */
  readonly listed: readonly App[] | null;
  readonly saved: readonly App[];
  readonly isOurs: Ownership['isOurs'];
}

/** Looks at the unit, the daemon and the saved list. Changes nothing. */
export function bootFindings(look: BootLook): Finding[] {
  const state = unitState(look.place);
  return [...unitFindings(look, state), ...lingerFindings(look), ...daemonFindings(look, state), ...savedFindings(look)];
}

function unitFindings({ facts, place }: BootLook, state: UnitState): Finding[] {
  const written = writtenUnit(place);
  const mend = mendOf(facts, place);
  if (state.load === 'not-found')
    return [{ code: 'no-unit', text: `there is no ${place.unit}: nothing starts with the machine`, mend }];
  if (written === null)
    return [
      { code: 'not-ours', text: `${place.unit} is the one of pm2 startup: it gives up for good after five failed starts`, mend },
    ];
  const node = /node-at-boot\.sh "?([^" ]+)"? /.exec(written)?.[1] ?? '';
  return [
    ...(state.enabled === 'enabled'
      ? []
      : [{ code: 'disabled', text: `${place.unit} is not enabled: a boot does not start it`, mend }]),
    ...(node !== '' && !existsSync(node)
      ? [{ code: 'node-gone', text: `${node} is gone: another Node is used at a boot`, mend }]
      : []),
    ...(withoutNode(written) === withoutNode(bootUnit(facts, place.kind))
      ? []
      : [{ code: 'stale-unit', text: `${place.path} is not what would be written now`, mend }]),
  ];
}

/** Another Node than the one that asks is no reason to write the unit anew, as long as it is there. */
function withoutNode(unit: string): string {
  return unit.replace(/^(ExecStart=.*node-at-boot\.sh"? )\S+/m, '$1').replace(/^Environment="?PATH=.*$/m, '');
}

function daemonFindings({ facts, listed, place }: BootLook, state: UnitState): Finding[] {
  const { unit, manager } = place;
  if (state.load === 'not-found') return [];
  const mend = manager === 'user' ? `systemctl --user start ${unit}` : `sudo systemctl start ${unit}`;
  if (listed === null) return [{ code: 'not-running', text: "PM2's daemon does not run", mend }];
  if (state.active === 'active' && state.mainPid === daemonPid(facts.pm2Home)) return watchFindings(state.mainPid, place, facts);
  const text = `PM2's daemon runs outside of ${unit} (${state.active}): when it dies, nobody starts it again`;
  return [{ code: 'not-supervised', text, mend: mendOf(facts, place) }];
}

/** systemd as PID 1 is told of everybody's end, a user's of its children's alone. */
function watchFindings(daemon: number, place: UnitPlace, facts: BootFacts): Finding[] {
  if (place.manager === 'system' || isWatched(daemon)) return [];
  const text = `nothing waits for the end of PM2's daemon (pid ${daemon}), which a login has started: when it dies, nobody starts it again`;
  return [{ code: 'not-watched', text, mend: mendOf(facts, place) }];
}

/** What a boot would bring back of ours, and what runs of ours. */
export function savedFindings({ listed, saved, isOurs }: Omit<BootLook, 'facts' | 'place'>): Finding[] {
  if (listed === null) return [];
  const [running, kept] = [listed.filter(isOurs), saved.filter(isOurs)];
  const key = (app: App) => `${app.name} ${JSON.stringify(recordOf(app)?.digests ?? {})}`;
  const differing = [...new Set([...missing(running, kept, key), ...missing(kept, running, key)])];
  if (differing.length === 0) return [];
  const text = `PM2's saved list is not what runs: ${differing.join(', ')}`;
  return [{ code: 'stale-list', text, mend: 'npx lifeguard boot install' }];
}

function missing(these: readonly App[], those: readonly App[], key: (app: App) => string): string[] {
  const found = new Set(those.map(key));
  return these.filter((app) => !found.has(key(app))).map(({ name }) => name);
}

/** Without lingering a user's systemd starts at a login, and takes all with it at the end of the last. */
function lingerFindings({ facts: { user }, place }: BootLook): Finding[] {
  if (place.manager === 'system' || lingers(user)) return [];
  const text = `lingering is off for ${user}: nothing starts with the machine, and all ends at a logout`;
  return [{ code: 'no-linger', text, mend: lingerLine(user) }];
}

/** What to type as root where a user may not do it himself. */
export function lingerLine(user: string): string {
  return `sudo loginctl enable-linger ${user}`;
}

function mendOf(facts: BootFacts, { manager }: UnitPlace): string {
  return manager === 'user' ? 'npx lifeguard boot install --user' : installLine(facts);
}

/** What to type as root, whoever reads it. */
export function installLine({ user, pm2Home, node, file, packageFolder }: BootFacts): string {
  const quoted = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
  const program = [node, `${packageFolder}/bin/lifeguard.js`];
  const line = ['sudo', 'env', `PM2_HOME=${pm2Home}`, ...program, 'boot', 'install', '--user', user, '--config', file];
  return line.map(quoted).join(' ');
}
