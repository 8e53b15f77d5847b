import type { Database } from '../database/database.ts';

export interface Post {
  readonly id: number;
  readonly title: string;
  readonly body: string;
  /** ISO 8601, UTC. */
  readonly created_at: string;
}

/** Idempotent: run whenever the database has come up. */
export const POSTS_SCHEMA = [
  `CREATE TABLE IF NOT EXISTS posts (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title text NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
];

interface PostRow extends Omit<Post, 'created_at'> {
  readonly created_at: Date;
}

/** The newest first. */
export async function listPosts(database: Database, { limit, offset }: { limit: number; offset: number }): Promise<Post[]> {
  return (await database.query<PostRow>('SELECT * FROM posts ORDER BY id DESC LIMIT $1 OFFSET $2', [limit, offset])).map(toPost);
}

export async function countPosts(database: Database): Promise<number> {
  const [row] = await database.query<{ total: number }>('SELECT count(*)::integer AS total FROM posts');
  return row?.total ?? 0;
}

/** Returns once PostgreSQL has it on disk (synchronous_commit is on). */
export async function createPost(database: Database, post: { title: string; body: string }): Promise<Post> {
  const [row] = await database.query<PostRow>('INSERT INTO posts (title, body) VALUES ($1, $2) RETURNING *', [
    post.title,
    post.body,
  ]);
  if (!row) throw new Error('INSERT … RETURNING returned no row');
  return toPost(row);
}

/** null: there is none with this id. */
export async function findPost(database: Database, id: number): Promise<Post | null> {
  const [row] = await database.query<PostRow>('SELECT * FROM posts WHERE id = $1', [id]);
  return row ? toPost(row) : null;
}

/** @returns whether there was one. */
export async function deletePost(database: Database, id: number): Promise<boolean> {
  return (await database.query('DELETE FROM posts WHERE id = $1 RETURNING id', [id])).length > 0;
}

function toPost({ id, title, body, created_at }: PostRow): Post {
  return { id, title, body, created_at: created_at.toISOString() };
}
