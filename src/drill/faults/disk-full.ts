import type { Fault } from '../fault.ts';

/** PM2 and the backend have their log files open: a file system laid over the folder now is none that they write to. */
export const DISK_FULL: Fault = {
  name: 'disk-full',
  what: 'fill the file system of its logs',
  cause: null,
  showsInChecks: false,
  prepare: async () =>
    'what has its log files open would not write to a small file system laid over the folder, and the real one is not only ours to fill',
};
