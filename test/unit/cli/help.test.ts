import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMANDS, commandsFor } from '../../../src/cli/commands.ts';
import type { Context } from '../../../src/cli/context.ts';
import { programOf } from '../../../src/cli/main.ts';
import { painter } from '../../../src/cli/telling/output.ts';
import { thisHost } from '../../../src/host/this-host.ts';

const context: Context = {
  environment: {},
  pm2Home: '/nowhere',
  host: thisHost({}),
  print: () => undefined,
  tell: () => undefined,
  live: () => undefined,
  paint: painter(false, {}),
  columns: null,
  interrupted: () => new Promise(() => undefined),
  finish: () => undefined,
};

const program = await programOf(context);

for (const command of program.commands) {
  test(`lifeguard ${command.name()} has a summary, --help, --json and --config`, () => {
    assert.ok(command.summary().length > 5);
    const help = command.helpInformation();
    assert.match(help, new RegExp(`^Usage: lifeguard ${command.name()} `));
    for (const option of ['--help', '--json', '--config']) assert.ok(help.includes(option), option);
  });
}

test('every command of the spec that is there so far', () => {
  const names = program.commands.map((command) => command.name());
  for (const name of ['start', 'stop', 'restart', 'status', 'logs', 'wait', 'validate', 'alerts', 'export', 'schema'])
    assert.ok(names.includes(name), name);
});

test('of a command that is named no other is loaded, and each is found by every name that it has', async () => {
  for (const each of COMMANDS.filter(({ names }) => !names.includes('completion')))
    for (const name of each.names) {
      assert.deepEqual(commandsFor([name, '--json']), [each]);
      const added = (await programOf(context, [each])).commands.map((command) => command.name());
      assert.deepEqual(added, each.names);
    }
  for (const argv of [[], ['--help'], ['completion', 'bash'], ['stauts']]) assert.equal(commandsFor(argv), COMMANDS);
  assert.deepEqual(commandsFor(['--version']), []);
});
