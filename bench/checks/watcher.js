// The measured process: checks COUNT paths of BASE each EVERY_MS for SECONDS and prints what that cost, as JSON.
// Plain JavaScript on the built dist/, so that nothing but the checks themselves is measured.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { checkTarget } from '../../dist/src/health/check.js';
import { parseTarget } from '../../dist/src/health/target.js';

const [base = '', count = 0, everyMs = 0, seconds = 0, deadlineMs = 0] = process.argv
  .slice(2)
  .map((arg, at) => (at ? Number(arg) : arg));
const MEGABYTE = 1024 * 1024;

const targets = Array.from({ length: count }, (_, at) => parseTarget(`${base}/${at}`));
const lateMs = [];
const latencyMs = [];
const kinds = {};
let running = true;

// Each at its own place within the interval, and always counted from there: a late one does not shift the next.
const began = performance.now() + 500;
for (const [at, target] of targets.entries()) schedule(target, began + (at * everyMs) / count);

function schedule(target, due) {
  setTimeout(
    async () => {
      if (!running) return;
      const now = performance.now();
      lateMs.push(now - due);
      schedule(target, now > due + everyMs ? now + everyMs : due + everyMs);
      const answer = await checkTarget(target, deadlineMs);
      kinds[answer.kind] = (kinds[answer.kind] ?? 0) + 1;
      if ('latencyMs' in answer) latencyMs.push(answer.latencyMs);
    },
    Math.max(1, due - performance.now()),
  );
}

let maxRss = 0;
const watch = setInterval(() => {
  maxRss = Math.max(maxRss, process.memoryUsage.rss());
}, 250);

const WARM_UP_MS = 3_000;
setTimeout(() => {
  lateMs.length = 0;
  latencyMs.length = 0;
  const cpuBefore = process.cpuUsage();
  const wallBefore = performance.now();
  const loop = monitorEventLoopDelay({ resolution: 10 });
  loop.enable();
  setTimeout(() => {
    running = false;
    clearInterval(watch);
    const { user, system } = process.cpuUsage(cpuBefore);
    const wallMs = performance.now() - wallBefore;
    process.stdout.write(
      JSON.stringify({
        checks: lateMs.length,
        kinds,
        cpuPercent: (user + system) / 10 / wallMs,
        rssMb: maxRss / MEGABYTE,
        lateP99Ms: quantile(lateMs, 0.99),
        lateMaxMs: quantile(lateMs, 1),
        latencyP50Ms: quantile(latencyMs, 0.5),
        latencyP99Ms: quantile(latencyMs, 0.99),
        loopMaxMs: loop.max / 1e6,
      }),
      () => process.exit(0),
    );
  }, seconds * 1000);
}, WARM_UP_MS);

function quantile(values, fraction) {
  return values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * fraction))] ?? Number.NaN;
}
