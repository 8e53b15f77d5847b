import type { Logger } from 'pino';

const FORCED = 1;

/**
 * Ends the process on SIGTERM and SIGINT: `close` finishes what is under way, then exit 0. A second signal, or `timeoutMs` after
 * the first, ends it at once with exit 1, so that PM2 and whoever reads its log can tell.
 */
export function endOnSignals(close: () => Promise<void>, timeoutMs: number, log: Logger, flush: () => Promise<void>): void {
  let closing = false;
  const exit = (code: number) => void flush().finally(() => process.exit(code));

  const onSignal = (signal: NodeJS.Signals) => {
    if (closing) {
      log.error(`${signal} again: ending at once`);
      return exit(FORCED);
    }
    closing = true;
    log.info(`${signal}: finishing what is under way, ${timeoutMs} ms at most`);
    setTimeout(() => {
      log.error(`not finished after ${timeoutMs} ms: ending at once`);
      exit(FORCED);
    }, timeoutMs).unref();
    close().then(
      () => {
        log.info('ended');
        exit(0);
      },
      (error: unknown) => {
        log.error({ err: error }, 'could not end in order');
        exit(FORCED);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

/** An error that nobody caught leaves the process in a state that nobody knows: it is logged with its stack and the process ends. */
export function endOnUncaught(log: Logger, flush: () => Promise<void>): void {
  const onError = (what: string) => (error: unknown) => {
    log.fatal({ err: error instanceof Error ? error : new Error(String(error)) }, what);
    void flush().finally(() => process.exit(1));
  };
  process.on('uncaughtException', onError('uncaught exception'));
  process.on('unhandledRejection', onError('unhandled rejection'));
}
