import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../test/support/poll.ts';
import type { Product } from '../../test/support/product.ts';
import { type RealServer, realServer } from '../../test/support/real-server.ts';
import type { RealServer as Dependency } from '../../test/support/servers.ts';
import type { Kind } from './kinds.ts';
import { ask, visit } from './load.ts';
import type { Outcome } from './trial.ts';

const LONGEST_MS = 60_000;
const AWAY_MS = 60_000;

/** The fault of {@link withoutDependency}. */
export const AWAY = `its dependency is stopped for ${AWAY_MS / 1_000} s`;

/** Where the file is that says what /ready answers, see test/fixtures/servers. */
const saysOf = (product: Product, name: string) => join(product.sandbox.dir, `${name}.says`);

/** A server of this kind whose readiness asks for a dependency, if it can be asked at all. */
export function serverWith(
  product: Product,
  name: string,
  { server, isQuickOnly }: Kind,
  needs: Dependency,
): Promise<RealServer> {
  return realServer(product, name, server, {
    env: { SAYS: saysOf(product, name), NEEDS: `127.0.0.1:${needs.port}` },
    health: isQuickOnly ? {} : { readiness: '/ready' },
    depends_on: [{ name: 'redis', check: needs.url }],
  });
}

/** It answers its readiness with a status until it is restarted. */
export async function answering(product: Product, server: RealServer, kind: Kind, status: number): Promise<Outcome> {
  await product.untilState(server.name, 'healthy', LONGEST_MS);
  await product.ask('reset', server.name);
  const before = await server.family(kind.workers);
  const visitor = visit(server.port);
  const began = performance.now();
  writeFileSync(saysOf(product, server.name), String(status));
  const isOver = async () => {
    const { policy } = await product.status(server.name);
    if (policy.restarts === 0 || policy.state !== 'healthy') return null;
    return (await server.family(kind.workers)).parent !== before.parent ? true : null;
  };
  const seconds = await until('a restart', isOver, { deadlineMs: LONGEST_MS }).then(
    () => (performance.now() - began) / 1_000,
    () => null,
  );
  await visitor.stop();
  rmSync(saysOf(product, server.name));
  const fault = `its readiness answers ${status}`;
  return { fault, seconds, asked: visitor.asked, failed: visitor.failed, ...(await after(product, server, before)) };
}

/** All of them at once; the seconds are those from its return. */
export async function withoutDependency(
  product: Product,
  servers: readonly (readonly [Kind, RealServer])[],
  needs: Dependency,
): Promise<(readonly [Kind, Outcome])[]> {
  const before = await Promise.all(
    servers.map(async ([kind, server]) => {
      await product.untilState(server.name, 'healthy', LONGEST_MS);
      await product.ask('reset', server.name);
      return { kind, server, family: await server.family(kind.workers), visitor: visit(server.port) };
    }),
  );
  await needs.stop();
  await sleep(AWAY_MS);
  await needs.start();
  const backAt = performance.now();
  return Promise.all(
    before.map(async ({ kind, server, family, visitor }) => {
      const isBack = async () =>
        (kind.isQuickOnly || (await ask(server.port, '/ready')) === 200) &&
        (await product.status(server.name)).policy.state === 'healthy';
      const seconds = await until('all to be well', isBack, { deadlineMs: LONGEST_MS }).then(
        () => (performance.now() - backAt) / 1_000,
        () => null,
      );
      await visitor.stop();
      const { asked, failed } = visitor;
      return [kind, { fault: AWAY, seconds, asked, failed, ...(await after(product, server, family)) }] as const;
    }),
  );
}

async function after(
  product: Product,
  server: RealServer,
  before: { readonly parent: number; readonly workers: readonly number[] },
): Promise<Pick<Outcome, 'left' | 'restarts'>> {
  const { policy } = await product.status(server.name);
  const now = await server.tree();
  const left = [before.parent, ...before.workers].filter((pid) => server.everybody().includes(pid) && !now.includes(pid)).length;
  return { left, restarts: policy.restarts };
}
