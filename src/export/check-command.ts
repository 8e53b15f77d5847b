import type { HttpEndpoint } from './endpoint.ts';
import type { Runtime } from './subject.ts';

/**
 * What counts as well. `ready`: an answer below 400. `alive`: any answer but a 5xx, and 503 too: it says that something is
 * missing, not that the process is of no use.
 */
type Question = 'ready' | 'alive';

/**
 * A command that asks a backend for its health from inside its own container, by the runtime that it has there anyway: images have
 * neither curl nor wget as a rule. Exit status 0: well. null: no such runtime is known.
 */
export function checkCommand(
  runtime: Runtime,
  at: HttpEndpoint,
  timeoutMs: number,
  question: Question,
): readonly string[] | null {
  if (runtime === 'node') return ['node', '-e', inNode(at, timeoutMs, question)];
  if (runtime === 'python') return ['python3', '-c', inPython(at, timeoutMs, question)];
  return null;
}

const WELL = {
  ready: { node: 's<400', python: 's<400' },
  alive: { node: 's<500||s===503', python: 's<500 or s==503' },
} as const;

function inNode({ scheme, port, path, headers }: HttpEndpoint, timeoutMs: number, question: Question): string {
  const anyCertificate = scheme === 'https' ? ',rejectUnauthorized:false' : '';
  const given = Object.keys(headers).length > 0 ? `,headers:${JSON.stringify(headers)}` : '';
  const options = `{host:"127.0.0.1",port:${port},path:${JSON.stringify(path)}${given}${anyCertificate},signal:AbortSignal.timeout(${timeoutMs})}`;
  const judge = `({statusCode:s})=>process.exit(${WELL[question].node}?0:1)`;
  return `require("${scheme}").get(${options},${judge}).on("error",()=>process.exit(1))`;
}

function inPython({ scheme, port, path, headers }: HttpEndpoint, timeoutMs: number, question: Question): string {
  const [connection, context] =
    scheme === 'https' ? ['HTTPSConnection', ',context=__import__("ssl")._create_unverified_context()'] : ['HTTPConnection', ''];
  const given = Object.keys(headers).length > 0 ? `,headers=${JSON.stringify(headers)}` : '';
  return [
    'import http.client as h',
    `c=h.${connection}("127.0.0.1",${port},timeout=${timeoutMs / 1_000}${context})`,
    `c.request("GET",${JSON.stringify(path)}${given})`,
    's=c.getresponse().status',
    `raise SystemExit(0 if ${WELL[question].python} else 1)`,
  ].join(';');
}
