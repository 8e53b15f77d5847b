import { Machine } from './machine.ts';
import { missing, rootfs } from './rootfs.ts';

/** Whether this machine can boot another one under a real systemd: it does it once. null: it can; else why not, as a sentence. */
export async function whyNotAble(): Promise<string | null> {
  const lacks = missing();
  if (lacks !== null) return lacks;
  try {
    const machine = new Machine(rootfs(), []);
    try {
      await machine.boot();
      await machine.must('systemctl show -P Version');
    } finally {
      await machine.dispose();
    }
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
