import { LifeguardError } from '../errors/lifeguard-error.ts';

/**
 * To be asked before anything else is done.
 * @throws LifeguardError `unsupported-system` on Windows: signals, sessions and file names that outlive their file are needed
 */
export function refuseUnsupportedSystem(platform: NodeJS.Platform = process.platform): void {
  if (platform !== 'win32') return;
  throw new LifeguardError(
    'unsupported-system',
    'pm2-lifeguard does not run on Windows itself: run it, PM2 and your backends in WSL 2',
  );
}
