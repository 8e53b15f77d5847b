// A loop in Node: it beats once a turn, so that it is missed when a turn does not end.
const { setTimeout: sleep } = require('node:timers/promises');
const { beat } = require('./beat.cjs');

let ending = false;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    ending = true;
  });
}

async function work() {
  await sleep(500); // one piece of work
}

async function main() {
  while (!ending) {
    await work();
    beat();
  }
}

main();
