// Exports are checked by what will read them: systemd itself, the published schemas of compose and Kubernetes, the server's limits.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { planKubernetes } from '../../../src/export/kubernetes/plan-kubernetes.ts';
import { mistakesIn } from '../../support/export/check.ts';
import { mistakesInManifests } from '../../support/export/check-kubernetes.ts';
import { CONFIGURATIONS, inputOf, withPrograms } from '../../support/export/configurations.ts';
import { planned, TARGETS } from '../../support/export/planned.ts';

const folder = mkdtempSync(join(tmpdir(), 'lifeguard export-'));
after(() => rmSync(folder, { recursive: true }));

for (const configuration of CONFIGURATIONS) {
  const input = inputOf(configuration, join(folder, configuration.name), process.execPath);
  withPrograms(input);
  for (const target of TARGETS)
    test(`${configuration.name} as ${target} is valid`, async () => {
      assert.deepEqual(mistakesIn(target, await planned(target, input)), []);
    });
}

test('with an autoscaler it is valid too', () => {
  const [, cluster] = CONFIGURATIONS;
  assert.ok(cluster);
  const input = inputOf(cluster, join(folder, cluster.name), process.execPath);
  assert.deepEqual(mistakesInManifests(planKubernetes(input, { autoscaleTo: 5 })), []);
});
