import type { FastifyInstance } from 'fastify';
import type { Database } from '../database/database.ts';
import { countPosts, createPost, deletePost, findPost, listPosts } from './posts.ts';

const post = {
  type: 'object',
  required: ['id', 'title', 'body', 'created_at'],
  properties: {
    id: { type: 'integer' },
    title: { type: 'string' },
    body: { type: 'string' },
    created_at: { type: 'string', format: 'date-time' },
  },
};

/** PostgreSQL's text cannot hold U+0000. */
const text = (minLength: number, maxLength: number) => ({ type: 'string', minLength, maxLength, pattern: '^[^\\u0000]*$' });

const newPost = {
  type: 'object',
  required: ['title'],
  properties: { title: text(1, 200), body: { ...text(0, 10_000), default: '' } },
};
const id = { type: 'object', properties: { id: { type: 'integer', minimum: 1, maximum: 2_147_483_647 } } };
const page = {
  type: 'object',
  properties: {
    limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
    offset: { type: 'integer', minimum: 0, maximum: 2_147_483_647, default: 0 },
  },
};
const pageOfPosts = {
  type: 'object',
  required: ['items', 'total', 'limit', 'offset'],
  properties: {
    items: { type: 'array', items: post },
    total: { type: 'integer' },
    limit: { type: 'integer' },
    offset: { type: 'integer' },
  },
};
const problem = { $ref: 'problem#' };
const tags = ['posts'];

/** `/api/posts`: small, but real, so that lost writes can be counted. */
export function routePosts(app: FastifyInstance, database: Database): void {
  app.get<{ Querystring: { limit: number; offset: number } }>(
    '/api/posts',
    { schema: { tags, summary: 'The newest posts', querystring: page, response: { 200: pageOfPosts, 503: problem } } },
    async ({ query }) => ({ items: await listPosts(database, query), total: await countPosts(database), ...query }),
  );

  app.post<{ Body: { title: string; body: string } }>(
    '/api/posts',
    { schema: { tags, summary: 'Write a post', body: newPost, response: { 201: post, 400: problem, 503: problem } } },
    async (request, reply) => {
      const created = await createPost(database, request.body);
      return reply.code(201).header('location', `/api/posts/${created.id}`).send(created);
    },
  );

  app.get<{ Params: { id: number } }>(
    '/api/posts/:id',
    { schema: { tags, summary: 'One post', params: id, response: { 200: post, 404: problem, 503: problem } } },
    async (request, reply) => (await findPost(database, request.params.id)) ?? reply.callNotFound(),
  );

  app.delete<{ Params: { id: number } }>(
    '/api/posts/:id',
    { schema: { tags, summary: 'Delete a post', params: id, response: { 204: { type: 'null' }, 404: problem, 503: problem } } },
    async (request, reply) => ((await deletePost(database, request.params.id)) ? reply.code(204).send() : reply.callNotFound()),
  );
}
