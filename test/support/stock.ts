import { delimiter, join } from 'node:path';
import { fromNpm } from './from-npm.ts';
import { type Output, ROOT, Sandbox } from './sandbox.ts';

const PM2 = '7.0.4';

/**
 * A sandbox for a stock PM2 under another Node, as a user has them who installed both globally. Both come from npm, once a machine.
 * @throws when npm cannot get them: such a test is never skipped
 */
export class StockSandbox extends Sandbox {
  readonly #bin: string;

  constructor(nodeVersion: string, env: NodeJS.ProcessEnv = {}) {
    const bin = join(fromNpm([`pm2@${PM2}`, `node-${process.platform}-${process.arch}@${nodeVersion}`]), 'node_modules/.bin');
    super({ ...env, PATH: `${bin}${delimiter}${process.env.PATH}` });
    this.#bin = bin;
  }

  /** The stock `pm2`, which is what this test is about. */
  override pm2(...args: string[]): Promise<Output> {
    return this.pm2In(this.dir, ...args);
  }

  /** The stock `pm2`, typed in this folder by a shell. */
  pm2In(folder: string, ...args: string[]): Promise<Output> {
    return this.#runIn(folder, join(this.#bin, 'pm2'), args);
  }

  /** This package's lifeguard command, on that Node. */
  lifeguardIn(folder: string, ...args: string[]): Promise<Output> {
    return this.#runIn(folder, join(ROOT, 'bin/lifeguard.js'), args);
  }

  #runIn(folder: string, program: string, args: readonly string[]): Promise<Output> {
    return this.run(join(this.#bin, 'node'), [program, ...args], { cwd: folder, env: { ...this.env, PWD: folder } });
  }
}
