import type { MessageChannel } from '../../config/resolved.ts';
import type { Channel } from './channel.ts';

/** The channel of a configuration; its module is loaded only now. `env`: what a command inherits. */
export async function openChannel(config: MessageChannel, env: NodeJS.ProcessEnv): Promise<Channel> {
  switch (config.type) {
    case 'webhook':
      return (await import('./webhook.ts')).openWebhook(config);
    case 'slack':
      return (await import('./slack.ts')).openSlack(config.url);
    case 'discord':
      return (await import('./discord.ts')).openDiscord(config.url);
    case 'teams':
      return (await import('./teams.ts')).openTeams(config.url);
    case 'email':
      return (await import('./email.ts')).openEmail(config);
    case 'command':
      return (await import('./command.ts')).openCommand(config, env);
    case 'telegram':
      return (await import('./telegram.ts')).openTelegram(config);
    case 'ntfy':
      return (await import('./ntfy.ts')).openNtfy(config);
    case 'pagerduty':
      return (await import('./pagerduty.ts')).openPagerDuty(config);
  }
}

/** Services that know what it is to take note of an alert. */
export function takesNote({ type }: MessageChannel): boolean {
  return type === 'pagerduty' || type === 'webhook' || type === 'discord';
}
