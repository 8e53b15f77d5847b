import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** A look-up that hangs holds one of the process's four threads: checks by name and files need the others. */
const AT_ONCE = 2;

let running = 0;
const waiting: (() => void)[] = [];

/** The system's look-up, two of them at a time. */
export const lookup: LookupFunction = (hostname, options, callback) => {
  const start = () => {
    running += 1;
    systemLookup(hostname, options, (error, address, family) => {
      running -= 1;
      waiting.shift()?.();
      callback(error, address, family);
    });
  };
  if (running < AT_ONCE) start();
  else waiting.push(start);
};
