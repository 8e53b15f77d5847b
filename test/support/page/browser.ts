import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Debian's. */
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((file) => existsSync(file));

/** Why a test with a browser cannot run here; false: it can. */
export const noBrowser = CHROMIUM === undefined && "needs Debian's chromium";

export function openBrowser(): Promise<Browser> {
  // As root, in a container, it has no sandbox of its own; it is shown nothing but our page.
  return chromium.launch({ ...(CHROMIUM && { executablePath: CHROMIUM }), args: ['--no-sandbox', '--disable-gpu'] });
}
