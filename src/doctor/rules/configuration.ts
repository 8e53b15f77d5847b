import { basename } from 'node:path';
import type { ResolvedBackend } from '../../config/resolved.ts';
import type { Facts } from '../facts.ts';
import type { Seen } from '../finding.ts';
import { type Rule, rule } from '../rule.ts';

/** What is configured in a way that does not work, or that will hurt. */
export const CONFIGURATION_RULES: readonly Rule[] = [
  rule({
    id: 'no-project',
    group: 'configuration',
    severity: 'error',
    title: 'There is no ecosystem file here',
    why: 'Without it nothing is declared, so there is nothing to start or to watch.',
    cure: 'Go to the folder of your project, or write one: `npx lifeguard init` looks at the project and does.',
    example: 'npx lifeguard init',
    needs: ['project'],
    find: ({ project }) =>
      project.kind === 'none'
        ? [{ subject: null, symptom: 'there is no ecosystem file', evidence: project.text, command: 'npx lifeguard init' }]
        : [],
  }),
  rule({
    id: 'config-invalid',
    group: 'configuration',
    severity: 'error',
    title: 'The configuration has mistakes',
    why: 'Nothing can be started or changed with it; what runs goes on as it was started.',
    cure: 'Each mistake is told with its place. `npx lifeguard validate` shows them all.',
    example: 'npx lifeguard validate',
    needs: ['project'],
    find: ({ project }) =>
      project.kind === 'invalid'
        ? [
            {
              subject: null,
              symptom: 'the configuration has mistakes',
              evidence: project.text,
              command: 'npx lifeguard validate',
            },
          ]
        : [],
  }),
  rule({
    id: 'cannot-start',
    group: 'configuration',
    severity: 'error',
    title: "The backend won't start",
    why: 'A program, module, folder or file that it names is not there, so a start of it can only fail.',
    cure: 'Put it there, or mend its name in the configuration.',
    example: 'npx lifeguard validate',
    needs: ['project'],
    find: ({ project }) =>
      problemsOf(project).map(({ text, certain }) => {
        const [subject = ''] = text.split(':', 1);
        const symptom = certain ? 'it cannot be started as it is configured' : 'it may not start as it is configured';
        return {
          subject,
          symptom,
          evidence: text.slice(subject.length + 2),
          command: certain ? 'npx lifeguard validate' : `npx lifeguard run ${subject}`,
          severity: certain ? 'error' : 'warning',
        };
      }),
  }),
  rule({
    id: 'not-applied',
    group: 'configuration',
    severity: 'warning',
    title: 'What is configured is not what runs',
    why: 'lifeguard and PM2 go by what was applied: a change that nobody applied does nothing, until a start that nobody expects to change anything.',
    cure: '`npx lifeguard start` applies it; what did not change keeps its process.',
    example: 'npx lifeguard start',
    needs: ['unapplied'],
    find: ({ unapplied }) =>
      unapplied.map((text) => {
        const [subject = ''] = text.split(':', 1);
        const evidence = text.slice(subject.length + 2);
        return { subject, symptom: 'what is configured is not applied', evidence, command: 'npx lifeguard start' };
      }),
  }),
  rule({
    id: 'uvicorn-no-graceful-limit',
    group: 'configuration',
    severity: 'warning',
    title: 'uvicorn waits for open connections without end',
    why: 'An open WebSocket or event stream holds its graceful shutdown up until it is killed at `kill_timeout`, and requests in flight with it.',
    cure: 'Give uvicorn `--timeout-graceful-shutdown SECONDS`, below `restart.kill_timeout` (uvicorn 0.22 and newer).',
    example: 'uvicorn main:app --timeout-graceful-shutdown 8',
    needs: ['project'],
    find: ({ project }) =>
      backendsOf(project).flatMap((backend): Seen[] => {
        const args = uvicornArgs(backend);
        if (args === null) return [];
        const [, given] = /--timeout-graceful-shutdown[ =](\d+)/.exec(args) ?? [];
        const limit = Math.floor(backend.killTimeoutMs / 1_000);
        if (given !== undefined && Number(given) < backend.killTimeoutMs / 1_000) return [];
        const symptom =
          given === undefined
            ? 'uvicorn waits for open connections without end'
            : `uvicorn waits ${given} s for open connections`;
        return [
          {
            subject: backend.name,
            symptom,
            evidence: `kill_timeout is ${limit} s: what is in flight then is cut off`,
            command: `add to run.command: --timeout-graceful-shutdown ${Math.max(1, limit - 2)}`,
          },
        ];
      }),
  }),
  rule({
    id: 'uvicorn-reload',
    group: 'configuration',
    severity: 'warning',
    title: 'uvicorn --reload in production',
    why: 'It restarts at every change of a file, behind the back of PM2, and its parent lives on when the worker is dead.',
    cure: 'Take `--reload` out of `run.command`; for development, `uvicorn --reload` in a terminal does it.',
    example: null,
    needs: ['project'],
    find: ({ project }) =>
      backendsOf(project).flatMap((backend): Seen[] =>
        / --reload\b(?!-)/.test(uvicornArgs(backend) ?? '')
          ? [
              {
                subject: backend.name,
                symptom: 'uvicorn runs with --reload',
                evidence: uvicornArgs(backend) ?? '',
                command: 'take --reload out of run.command',
              },
            ]
          : [],
      ),
  }),
  rule({
    id: 'health-touches-nothing',
    group: 'configuration',
    severity: 'warning',
    title: 'A health path that touches no dependency',
    why: 'It says 200 while the database is away: clients get errors, and nobody is told.',
    cure: 'Let `health.readiness` ask what makes a round trip to what the backend needs, and answers 503 when that fails.',
    example: 'curl -i http://127.0.0.1:5555/api/health',
    needs: ['answers', 'dependencies'],
    find: ({ answers, dependencies }) =>
      answers.flatMap(({ backend, round }): Seen[] => {
        const down = dependencies.find((each) => each.backend === backend && !each.up);
        const answer = round.readiness ?? round.liveness;
        return down && answer.kind === 'answer' && answer.status < 400
          ? [
              {
                subject: backend,
                symptom: `its health path says ${answer.status} while ${down.name} is down`,
                evidence: down.detail,
                command: 'set health.readiness to a path that asks it',
              },
            ]
          : [];
      }),
  }),
  rule({
    id: 'alerts-unproven',
    group: 'configuration',
    severity: 'warning',
    title: 'Alert channels that nobody has seen work',
    why: 'A wrong URL or a token that has run out shows when something is down, and nobody comes.',
    cure: 'Send a test message over each.',
    example: 'npx lifeguard alerts test',
    needs: ['unproven'],
    find: ({ unproven }) =>
      unproven.map((channel) => ({
        subject: channel,
        symptom: 'nobody has seen this alert channel work',
        evidence: 'no test message was answered as it is configured now',
        command: 'npx lifeguard alerts test',
      })),
  }),
];

function backendsOf(project: Facts['project']): readonly ResolvedBackend[] {
  return project.kind === 'valid' ? project.backends : [];
}

function problemsOf(project: Facts['project']) {
  return project.kind === 'valid' ? project.problems : [];
}

/** Its command line where it is uvicorn by itself; null: it is not. Under gunicorn other rules hold. */
function uvicornArgs({ run: { program } }: ResolvedBackend): string | null {
  if (program.kind !== 'command') return null;
  const words = [basename(program.program), ...program.args];
  const isUvicorn =
    words[0] === 'uvicorn' || (/^python[\d.]*$/.test(words[0] ?? '') && words[1] === '-m' && words[2] === 'uvicorn');
  return isUvicorn ? words.join(' ') : null;
}
