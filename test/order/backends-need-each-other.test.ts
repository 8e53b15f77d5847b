// Three backends in a chain, named in the file the other way round.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { until } from '../support/poll.ts';
import { Product, type Victim } from '../support/product.ts';

suite('a backend that another one needs', () => {
  const product = new Product();
  const file = `${product.sandbox.dir}/ecosystem.config.ts`;
  let shop: Victim;

  before(async () => {
    const needs = (name: string) => ({ depends_on: [{ name, check: `backend:${name}` }] });
    shop = await product.victim('shop', needs('auth'));
    await product.victim('auth', needs('users'));
    await product.victim('users');
    await product.start();
  });
  after(() => product.dispose());

  test('is started before it', async () => {
    const at = new Map((await product.sandbox.list()).map(({ name, pm_id }) => [name, pm_id]));
    const [users = 9, auth = 9, itself = 0] = ['users', 'auth', 'shop'].map((name) => at.get(name));
    assert.ok(users < auth && auth < itself, `${users} ${auth} ${itself}`);
  });

  test('explains its 503: held while that one is stopped, named, nothing counted; well when it is back', async () => {
    const { stdout } = await product.sandbox.lifeguard('stop', 'auth', '--config', file);
    assert.match(stdout, /auth/);
    shop.tell({ status: 503 });
    const { policy, dependencies } = await product.untilState('shop', 'degraded');
    assert.match(policy.held ?? '', /auth is down/);
    assert.deepEqual(
      dependencies.map(({ name, up, detail }) => ({ name, up, detail })),
      [{ name: 'auth', up: false, detail: 'auth is stopped' }],
    );
    shop.tell({});
    await product.sandbox.lifeguard('start', '--config', file);
    const well = await product.untilState('shop', 'healthy');
    assert.equal(well.policy.restarts, 0);
    await until('auth to be up', async () => (await product.status('shop')).dependencies[0]?.up === true);
  });

  test('is stopped after it', async () => {
    const { stdout, stderr } = await product.sandbox.lifeguard('stop', '--config', file);
    const said = [...(stdout + stderr).matchAll(/^(\w+): stopped/gm)].map(([, name]) => name);
    assert.deepEqual(said.slice(-3), ['shop', 'auth', 'users']);
  });
});
