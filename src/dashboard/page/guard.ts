import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PageSetup } from '../door/messages.ts';
import { addressed, isLoopback } from './origin.ts';
import { tokenJudge } from './token.ts';

type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>;

export interface Guard {
  /** For every request: it is meant for us, and no other site's page makes it. */
  readonly ours: Hook;
  /** For what changes something, and for evidence. */
  readonly withToken: Hook;
  /** For reading: the token is needed where others than this machine can read. */
  readonly reading: Hook;
  /** Whether it is sent with the right token; a wrong one is counted. */
  hasToken(request: FastifyRequest): boolean;
}

/** A link elsewhere may lead here; a script, an image or a frame elsewhere may not. */
function isForeignScript(headers: FastifyRequest['headers']): boolean {
  return headers['sec-fetch-site'] === 'cross-site' && headers['sec-fetch-mode'] !== 'navigate';
}

export function guardOf(setup: PageSetup, now: () => number): Guard {
  const { isOurs, isFromUs } = addressed(setup);
  const judge = tokenJudge(setup.token, now);
  const withToken: Hook = async ({ headers }, reply) => {
    const verdict = judge(headers.authorization);
    if (verdict === 'right') return undefined;
    if (typeof verdict === 'object')
      return reply
        .code(429)
        .header('retry-after', Math.ceil(verdict.waitMs / 1_000))
        .send({ error: 'too many wrong tokens' });
    if (verdict === 'absent')
      return reply.code(403).send({ error: 'no token is configured, so this can only be looked at: dashboard: { token: … }' });
    const error = verdict === 'wrong' ? 'that is not the token' : 'the token is needed';
    return reply.code(401).header('www-authenticate', 'Bearer').send({ error });
  };
  return {
    async ours({ headers }, reply) {
      if (!isOurs(headers.host))
        return reply
          .code(421)
          .send({ error: `${headers.host ?? 'this'} is no name of this page; one more is given by dashboard: { url: … }` });
      const isForeign = !isFromUs(headers.origin, headers.host) || isForeignScript(headers);
      return isForeign ? reply.code(403).send({ error: "another site's page may not ask this" }) : undefined;
    },
    withToken,
    reading: isLoopback(setup.host) ? async () => undefined : withToken,
    hasToken: ({ headers }) => headers.authorization !== undefined && judge(headers.authorization) === 'right',
  };
}
