// with-env.js FILE PROGRAM [ARG…]: runs PROGRAM with the variables of FILE added; those that are set already stay as they are.
// Where Node can (22.15 and up) it becomes that program: same pid, nothing left of this. Else it stays as its parent and ends as it
// ends; PM2 signals the whole tree, so that SIGINT is not passed on.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { parseEnv } from 'node:util';

const [file, program, ...args] = process.argv.slice(2);
const env = { ...read(file), ...process.env };
delete env.NODE_CHANNEL_FD;
delete env.NODE_CHANNEL_SERIALIZATION_MODE;

if (typeof process.execve === 'function') process.execve(program, [program, ...args], env);
stay(spawn(program, args, { env, stdio: 'inherit' }));

function read(path) {
  try {
    return parseEnv(readFileSync(path, 'utf8'));
  } catch (error) {
    console.error(`error: the env_file cannot be read: ${error.message}`);
    process.exit(78); // EX_CONFIG
  }
}

function stay(child) {
  for (const signal of ['SIGTERM', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2']) process.on(signal, () => child.kill(signal));
  process.on('SIGINT', () => {});
  child.once('error', (error) => {
    console.error(`error: ${program} cannot be started: ${error.message}`);
    process.exit(127);
  });
  child.once('exit', (code, signal) => {
    if (code !== null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    setTimeout(() => process.exit(128 + constants.signals[signal]), 100); // a signal that does not end this process
  });
}
