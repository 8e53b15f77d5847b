/**
 * What runs, and how it heals: `npm start`, `npx pm2 start` or `pm2 start ecosystem.config.ts`.
 *
 * backend.yaml beside this file, if there is one, is laid over it; LIFEGUARD_CONFIG=FILE takes that YAML file instead of both.
 * Every key but `name` and `run` has a default; those that are written here are the ones that people ask for first.
 */
import { defineEcosystem } from './src/index.ts'; // 'pm2-lifeguard' in a project of your own

/** Unset: an embedded PostgreSQL runs beside the backend, as the PM2 app `database`; data/database-url says where. */
const database = process.env.DATABASE_URL || 'postgres+file:data/database-url';

export const { apps } = defineEcosystem(import.meta.url, {
  backends: [
    {
      name: 'mediaposter-backend',
      run: {
        script: 'src/backend/main.ts', // or  command: 'venv/bin/uvicorn main:app --host 0.0.0.0 --port 5555'
        env_production: { NODE_ENV: 'production' }, // pm2 start ecosystem.config.ts --env production
      },
      port: 5555,

      // Asked every second. Three failures in a row and it counts as down; 60 s to start before anything is held against it.
      health: {
        liveness: '/health',
        readiness: '/api/health',
        interval: '1s',
        timeout: '5s',
        failure_threshold: 3,
        startup_timeout: '60s',
      },

      // Restarted for any of these, at most 10 times in 10 minutes; then stopped, and tried once more 15 minutes later.
      restart: {
        on: ['crash', 'hang', 'unreachable', '503'],
        max_restarts: 10,
        within: '10m',
        cool_down: '15m',
        backoff: { initial: '1s', factor: 2, max: '5m', jitter: 0.2 },
        kill_timeout: '10s', // for the requests in flight
        max_memory: '500M', // of the whole process tree
      },

      // While its database is down a restart can't help: it is held, and people are told.
      depends_on: [{ name: 'database', check: database, field: 'services.database' }],

      // Rotated at 10 MB and daily, kept for 10 days, without losing a line; app.log, which the backend writes by itself, too.
      logs: { directory: 'logs', max_size: '10M', retain: '10d', compress: true, files: ['logs/app.log'] },
    },
  ],
});
