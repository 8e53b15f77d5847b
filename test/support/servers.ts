import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killTree } from '../../src/host/processes/kill-tree.ts';
import { treeOf } from '../../src/host/processes/trees.ts';
import { thisHost } from '../../src/host/this-host.ts';
import { until } from './poll.ts';
import { freePort } from './port.ts';
import { removeFolder } from './remove-folder.ts';

const host = thisHost(process.env);

/** A real server of Debian's, on a port and in a folder of its own. */
export interface RealServer {
  /** With user and password. */
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  start(...more: string[]): Promise<void>;
  /** By a signal to all of its processes: SIGTERM to end it, SIGSTOP to freeze it. */
  signal(name: NodeJS.Signals): Promise<void>;
  stop(): Promise<void>;
  remove(): Promise<void>;
}

export const PASSWORD = 'hun/ter@2';
const LOGIN = `app:${encodeURIComponent(PASSWORD)}`;

export async function redisServer(): Promise<RealServer> {
  const { port, folder } = await place('redis');
  const acl = join(folder, 'users.acl');
  writeFileSync(acl, `user default off\nuser app on >${PASSWORD} ~* &* +@all\n`);
  const args = [
    '--port',
    port,
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--aclfile',
    acl,
    '--save',
    '',
    '--enable-debug-command',
    'local',
  ];
  return server({ url: `redis://${LOGIN}@127.0.0.1:${port}/0`, port, folder }, 'redis-server', args.map(String));
}

export async function mariadbServer(): Promise<RealServer> {
  const { port, folder } = await place('mariadb');
  const init = join(folder, 'init.sql');
  const statements = [
    'CREATE DATABASE IF NOT EXISTS shop',
    `CREATE USER IF NOT EXISTS app@'127.0.0.1' IDENTIFIED BY '${PASSWORD}'`,
    "GRANT ALL ON shop.* TO app@'127.0.0.1'",
  ];
  writeFileSync(init, statements.map((statement) => `${statement};\n`).join(''));
  const data = join(folder, 'data');
  const common = ['--no-defaults', `--datadir=${data}`, ...(process.getuid?.() === 0 ? ['--user=root'] : [])];
  execFileSync('mariadb-install-db', [...common, '--auth-root-authentication-method=normal', '--skip-test-db'], {
    stdio: 'ignore',
  });
  const args = [...common, `--port=${port}`, '--bind-address=127.0.0.1', `--socket=${folder}/my.sock`, `--init-file=${init}`];
  const small = ['--innodb-buffer-pool-size=8M', '--skip-name-resolve'];
  return server({ url: `mysql://${LOGIN}@127.0.0.1:${port}/shop`, port, folder }, '/usr/sbin/mariadbd', [...args, ...small]);
}

/** With a port mapper of its own, which ends with it. */
export async function rabbitmqServer(): Promise<RealServer> {
  const { port, folder } = await place('rabbitmq');
  const [epmd, dist] = [await freePort(), await freePort()];
  writeFileSync(
    join(folder, 'rabbit.conf'),
    `default_user = app\ndefault_pass = ${PASSWORD}\nlisteners.tcp.1 = 127.0.0.1:${port}\n`,
  );
  const env = {
    HOME: folder,
    ERL_EPMD_PORT: String(epmd),
    RABBITMQ_NODENAME: `lifeguard${port}@localhost`,
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(dist),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbit'),
  };
  const mapper = spawn('epmd', ['-port', String(epmd), '-address', '127.0.0.1'], { stdio: 'ignore' });
  const broker = server(
    { url: `amqp://${LOGIN}@127.0.0.1:${port}/%2F`, port, folder },
    '/usr/lib/rabbitmq/bin/rabbitmq-server',
    [],
    env,
  );
  return {
    ...broker,
    async remove() {
      await broker.remove();
      mapper.kill();
    },
  };
}

async function place(name: string): Promise<{ port: number; folder: string }> {
  return { port: await freePort(), folder: mkdtempSync(join(tmpdir(), `lifeguard-${name}-`)) };
}

function server(
  about: Pick<RealServer, 'url' | 'port' | 'folder'>,
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): RealServer {
  let child: ChildProcess | null = null;
  const pid = () => child?.pid ?? 0;
  return {
    ...about,
    async start(...more) {
      child = spawn(program, [...args, ...more], {
        detached: true,
        stdio: 'ignore',
        cwd: about.folder,
        env: { ...process.env, ...env },
      });
      await until(`${program} to accept`, () => accepts(about.port), { deadlineMs: 120_000, everyMs: 100 });
    },
    async signal(name) {
      for (const member of treeOf(pid(), await host.processes())) process.kill(member, name);
    },
    async stop() {
      if (child !== null) await killTree(host, pid(), 'SIGKILL', { deadlineMs: 10_000 });
      child = null;
    },
    async remove() {
      await this.stop();
      await removeFolder(about.folder);
    },
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
