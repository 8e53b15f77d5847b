import type { ConfigError } from '../config/mistakes/diagnostics.ts';
import { isExpected, messageOf } from '../pm2/command-line/failure.ts';
import type { Context } from './context.ts';
import { EXIT, type ExitStatus } from './exit-status.ts';

/**
 * Tells what went wrong: an expected error as its message and hint, one of ours to blame with its stack. Told apart by their shape,
 * as the ecosystem file may import another copy of this package.
 */
export async function tellFailure(error: unknown, context: Context, json: boolean): Promise<ExitStatus> {
  const status = statusOf(error);
  const diagnostics = diagnosticsOf(error);
  if (json) {
    const { diagnosticToJson } = await import('../config/mistakes/diagnostics.ts');
    const {
      code = 'unexpected',
      hint = null,
      message = String(error),
    } = error as { code?: string; hint?: string | null; message?: string };
    const failure = diagnostics
      ? { code, message: 'the configuration has mistakes', hint, diagnostics: diagnostics.map(diagnosticToJson) }
      : { code, message, hint };
    context.print(JSON.stringify({ ok: false, error: failure }, null, 2));
  } else if (diagnostics) {
    const { formatDiagnostics } = await import('../config/mistakes/diagnostics.ts');
    context.tell(formatDiagnostics(diagnostics, context.paint));
  } else {
    context.tell(isExpected(error) ? `${context.paint('red', 'error')}: ${messageOf(error)}` : messageOf(error));
  }
  return status;
}

function statusOf(error: unknown): ExitStatus {
  return isExpected(error) && (error as { code?: unknown }).code === 'usage' ? EXIT.usage : EXIT.problem;
}

function diagnosticsOf(error: unknown): ConfigError['diagnostics'] | null {
  const { code, diagnostics } = error as Partial<ConfigError>;
  return code === 'config-invalid' && diagnostics ? diagnostics : null;
}
