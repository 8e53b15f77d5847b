import { spawnSync } from 'node:child_process';

/** Debian's Python, which Debian's packages belong to; another `python3` may come first on the PATH. */
export const PYTHON = '/usr/bin/python3';

/** null, or what to install. Where CI is set nothing may be left out: then it is an error. */
export function missingPackages(): string | null {
  const found = spawnSync(PYTHON, ['-c', 'import fastapi, uvicorn, sqlalchemy.ext.asyncio, asyncpg, venv']);
  if (found.status === 0) return null;
  const needed = 'python3-fastapi python3-sqlalchemy python3-asyncpg python3-websockets python3-venv uvicorn';
  const advice = `the FastAPI tests need: apt-get install -y ${needed}`;
  if (process.env.CI) throw new Error(advice);
  console.error(advice);
  return advice;
}
