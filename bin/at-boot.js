// What the systemd unit of `lifeguard boot install` runs.
import { load } from './load.js';

const { atBoot } = await load('src/boot/at-boot.ts');
process.exitCode = await atBoot(process.env);
