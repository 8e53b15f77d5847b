// What the unit NAME-health of `lifeguard export systemd` runs: unit-health.js ECOSYSTEM-FILE BACKEND.
import { load } from './load.js';

const { watchUnit } = await load('probes/unit-health.ts');
const [, , file, name] = process.argv;
await watchUnit(file, name, process.env);
