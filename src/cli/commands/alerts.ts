import { hostname } from 'node:os';
import type { Command } from 'commander';
import type { AlertChannel, WatchConfig } from '../../config/resolved.ts';
import { LifeguardError } from '../../errors/lifeguard-error.ts';
import { alertsFolder } from '../../pm2/home.ts';
import { ecosystemAt } from '../backends.ts';
import type { Context } from '../context.ts';
import { type CommonOptions, defineCommand } from '../define-command.ts';
import { EXIT } from '../exit-status.ts';
import { proofsOf } from '../proofs.ts';
import { type Cell, table } from '../telling/output.ts';

/** What a channel's test came to. */
interface Tried {
  readonly channel: string;
  readonly type: AlertChannel['type'];
  readonly ok: boolean;
  /** What the service said, or what went wrong. */
  readonly answer: string;
}

/** The channels that people are told over, and whether they work. */
export function addAlerts(program: Command, context: Context): void {
  const alerts = defineCommand(
    program,
    'alerts',
    'the channels that people are told over, and whether they work',
    'Lists the channels of the configuration, and when each was proven: by a message that went through as it is configured now.\nExit status: 0, or 1 when one has never been proven.',
  ).action(async ({ json = false, config }: CommonOptions) => {
    const { watch } = await ecosystemAt(config);
    const proofs = proofsOf(context.pm2Home, watch);
    context.print(json ? JSON.stringify({ channels: proofs }, null, 2) : listing(proofs, context));
    context.finish(proofs.every(({ provenAt }) => provenAt !== null) ? EXIT.well : EXIT.problem);
  });
  defineCommand(
    alerts,
    'test [channels...]',
    'send a test message over each channel, and show what the service answers',
    'Sends a test message over each channel, or over those that are named, and shows what the service answers. A dead man’s switch is pinged.\nExit status: 0 all of them took it, 1 one did not.',
  ).action(async (names: string[], _options: CommonOptions, command: Command) => {
    // Both levels have these options: commander gives them to the outer one.
    const { json = false, config } = command.optsWithGlobals<CommonOptions>();
    const { watch } = await ecosystemAt(config);
    const tried = await tryAll(channelsNamed(watch, names), watch, context);
    context.print(json ? JSON.stringify({ channels: tried }, null, 2) : results(tried, context));
    context.finish(tried.every(({ ok }) => ok) ? EXIT.well : EXIT.problem);
  });
}

function channelsNamed({ alerts }: WatchConfig, names: readonly string[]): AlertChannel[] {
  const known = alerts.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    const hint = known.length === 0 ? 'None is configured.' : `There is ${known.join(', ')}.`;
    throw new LifeguardError('usage', `there is no channel ${unknown.join(', ')}`, { hint });
  }
  if (known.length === 0) throw new LifeguardError('no-channels', 'no alerts are configured', { hint: 'See docs/alerts.md.' });
  return alerts.filter(({ name }) => names.length === 0 || names.includes(name));
}

async function tryAll(channels: readonly AlertChannel[], watch: WatchConfig, context: Context): Promise<Tried[]> {
  const { tryChannel } = await import('../../alerts/try-channel.ts');
  const { saveProof } = await import('../proofs.ts');
  const { inheritable } = await import('../../pm2/daemon/environment.ts');
  const about = { host: hostname(), pageUrl: watch.dashboard.url, now: Date.now() };
  const env = { ...inheritable(context.environment), PM2_HOME: context.pm2Home };
  return Promise.all(
    channels.map(async (channel) => {
      const { ok, answer } = await tryChannel(channel, about, env);
      if (ok) saveProof(alertsFolder(context.pm2Home, watch.name), channel, answer, about.now);
      return { channel: channel.name, type: channel.type, ok, answer };
    }),
  );
}

function results(tried: readonly Tried[], { paint }: Context): string {
  const rows = tried.map(({ channel, ok, answer }): Cell[] => [
    { text: channel },
    ok ? { text: 'took it', style: 'green' } : { text: 'failed', style: 'red' },
    { text: answer },
  ]);
  return table(['', 'test message', 'answer'], rows, paint).join('\n');
}

function listing(proofs: ReturnType<typeof proofsOf>, { paint }: Context): string {
  if (proofs.length === 0) return 'No alerts are configured: see docs/alerts.md.';
  const rows = proofs.map(({ channel, type, provenAt }): Cell[] => [
    { text: channel },
    { text: type },
    provenAt === null ? { text: `never: npx lifeguard alerts test ${channel}`, style: 'yellow' } : { text: provenAt },
  ]);
  return table(['', 'type', 'proven'], rows, paint).join('\n');
}
