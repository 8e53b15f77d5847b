// Copy this file beside beat.cjs. A heartbeat for a BullMQ worker:  watch(worker, { jobLimitMs: 600_000 })
//
// It beats every ten seconds as long as its event loop turns and no job runs for longer than `jobLimitMs`: one that waits for ever keeps its
// place for ever. That Redis is away is no reason to miss a beat: name it in depends_on.
const { beat } = require('./beat.cjs');

function watch(worker, { jobLimitMs, everyMs = 10_000 }) {
  const since = new Map();
  worker.on('active', (job) => since.set(job.id, performance.now()));
  const over = (job) => since.delete(job?.id);
  worker.on('completed', over).on('failed', over);
  const timer = setInterval(() => {
    const now = performance.now();
    if ([...since.values()].every((began) => now - began < jobLimitMs)) beat();
  }, everyMs);
  worker.on('closed', () => clearInterval(timer));
}

module.exports = { watch };
