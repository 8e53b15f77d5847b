import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { missingPackages, PYTHON } from '../support/fastapi.ts';
import { freePort } from '../support/port.ts';
import { get, Product } from '../support/product.ts';

const APP = `
import asyncio
from fastapi import FastAPI

app = FastAPI()

@app.get("/health")
async def health():
    return {"status": "healthy"}

@app.get("/work")
async def work():
    await asyncio.sleep(0.3)
    return {}
`;

suite("uvicorn's own overload", { skip: missingPackages() ?? false }, () => {
  const product = new Product();
  after(() => product.dispose());

  test('--limit-concurrency 2 under 50 clients: its 503 restarts nothing, and is one line in the journal', async (t) => {
    const port = await freePort();
    writeFileSync(join(product.sandbox.dir, 'main.py'), APP);
    product.backend({
      name: 'busy',
      port,
      run: { command: `${PYTHON} -m uvicorn main:app --port ${port} --limit-concurrency 2` },
      health: { readiness: null, interval: '200ms' },
    });
    await product.start();
    await product.untilState('busy', 'healthy');
    const [before] = (await product.status('busy')).processes;

    let over = false;
    let refused = 0;
    const clients = Array.from({ length: 50 }, async () => {
      while (!over) {
        const answer = await get(port, '/work').catch(() => null);
        if (answer?.status === 503) refused++;
        await sleep(20);
      }
    });
    await product.untilState('busy', 'degraded');
    await sleep(4_000);
    over = true;
    await Promise.all(clients);
    t.diagnostic(`${refused} requests were refused with 503`);

    const status = await product.untilState('busy', 'healthy');
    assert.equal(status.policy.restarts, 0);
    assert.equal(status.processes[0]?.pid, before?.pid);
    assert.equal(product.decisions('busy').filter((decision) => decision.endsWith(' overload')).length, 1);
  });
});
