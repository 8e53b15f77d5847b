import { causeOf, restartsOf } from '../../incidents/cure.ts';
import type { BackendStatus } from '../../lifeguard/status.ts';
import type { Facts } from '../facts.ts';
import type { Seen } from '../finding.ts';
import { type Rule, rule } from '../rule.ts';
import { answerText, isMisdirected, isSick } from './answer-words.ts';
import { byBackend } from './by-backend.ts';

/** More restarts within a day than this are many. */
const OFTEN = 5;

/** Why a backend does not serve. */
export const BACKEND_RULES: readonly Rule[] = [
  rule({
    id: 'port-taken',
    group: 'backends',
    severity: 'error',
    title: 'The port is taken by another program',
    why: 'The backend cannot listen, so every start of it ends with "Address already in use".',
    cure: 'Find out what the program is, and end it or give one of the two another port. lifeguard touches no stranger; it starts the backend within 2 s of the port being free.',
    example: 'kill PID',
    needs: ['holders'],
    find: ({ holders }) =>
      holders.map(({ backend, port, holder }) => ({
        subject: backend,
        symptom: `port ${port} is taken by ${holder.kind === 'orphan' ? 'a process of it that PM2 lost' : 'another program'}`,
        evidence: holder.pid === null ? holder.command : `pid ${holder.pid}: ${holder.command}`,
        command: holder.pid === null ? `sudo ss -ltnp 'sport = :${port}'` : `kill ${holder.pid}`,
      })),
  }),
  rule({
    id: 'dependency-down',
    group: 'backends',
    severity: 'error',
    title: 'What the backend depends on does not answer',
    why: 'A restart of the backend cannot help, so lifeguard holds it, and puts it right within 1 s of the dependency being back.',
    cure: 'Start or mend the dependency; the error is what it, or the way to it, says itself.',
    example: 'npx lifeguard logs database',
    needs: ['dependencies', 'processes'],
    find: ({ dependencies, processes }) =>
      dependencies
        .filter(({ up }) => !up)
        .map(({ backend, name, detail }) => ({
          subject: backend,
          symptom: `it needs ${name}, which does not answer`,
          evidence: detail,
          command: processes?.some((process) => process.name === name) ? `npx pm2 restart ${name}` : null,
        })),
  }),
  rule({
    id: 'crash-loop',
    group: 'backends',
    severity: 'error',
    title: 'The backend keeps crashing',
    why: 'Each start ends soon after. lifeguard spaces the starts, and stops it at its limit; until the cause is gone no restart cures it.',
    cure: 'Read what it says at its end: its error log has it, and `npx lifeguard run NAME` shows it in this terminal. Once that is mended, `npx lifeguard start NAME` begins with a full budget.',
    example: 'npx lifeguard run NAME',
    needs: ['statuses', 'processes'],
    find: ({ statuses, processes }) =>
      (statuses ?? []).filter(isCrashing).map((status) => ({
        subject: status.name,
        symptom: `${status.policy.state === 'exhausted' ? 'it was given up' : 'it ends again and again'}: ${status.policy.restarts} of ${status.policy.maxRestarts} restarts`,
        evidence:
          status.policy.lastError?.text ?? status.policy.held ?? status.policy.lastFailure ?? 'no word of it in its error log',
        command: isUp(processes, status.name)
          ? `npx lifeguard logs ${status.name} --lines 50 --no-follow`
          : `npx lifeguard run ${status.name}`,
      })),
  }),
  rule({
    id: 'health-fails',
    group: 'backends',
    severity: 'error',
    title: 'The health check fails',
    why: 'What is asked for its health does not say that it is well, so its clients are not served either, or soon will not be.',
    cure: 'What it answers is shown. Where a dependency is down, that is the cause (see dependency-down). With all of them up lifeguard restarts it once; if the same answer is back it is a matter of the backend, and its log tells more.',
    example: 'npx lifeguard check NAME',
    needs: ['answers', 'dependencies', 'holders'],
    find: ({ answers, dependencies, holders }) =>
      answers.flatMap(({ backend, round }): Seen[] => {
        const isExplained = [...dependencies.filter(({ up }) => !up), ...holders].some((other) => other.backend === backend);
        const bad = [round.readiness, round.liveness].find((answer) => answer !== null && isSick(answer));
        if (!bad || isExplained) return [];
        return [
          {
            subject: backend,
            symptom: 'its health check fails',
            evidence: answerText(bad),
            command: `npx lifeguard check ${backend}`,
          },
        ];
      }),
  }),
  rule({
    id: 'health-misdirected',
    group: 'backends',
    severity: 'error',
    title: 'What is asked for its health cannot tell',
    why: 'An answer 4xx, or a redirect elsewhere, says nothing about the backend: lifeguard neither restarts it nor calls it well.',
    cure: 'Put the right path into `health.liveness` or `health.readiness`: one that answers 200 while the backend is well.',
    example: 'curl -i http://127.0.0.1:5555/health',
    needs: ['answers', 'project'],
    find: ({ answers, project }) =>
      answers.flatMap(({ backend, round }): Seen[] => {
        const bad = [round.liveness, round.readiness].find((answer) => answer !== null && isMisdirected(answer));
        const port = project.kind === 'valid' ? project.backends.find(({ name }) => name === backend)?.port : null;
        return bad
          ? [
              {
                subject: backend,
                symptom: 'what is asked for its health is not there',
                evidence: answerText(bad),
                command: port ? `curl -i http://127.0.0.1:${port}/` : 'npx lifeguard validate',
              },
            ]
          : [];
      }),
  }),
  rule({
    id: 'not-running',
    group: 'backends',
    severity: 'error',
    title: 'The backend is not running',
    why: 'Nobody is served. What an operator stopped stays stopped: lifeguard does not start it.',
    cure: 'Start it. If it does not stay up, the findings above or its log say why.',
    example: 'npx lifeguard start NAME',
    needs: ['project', 'processes', 'statuses', 'holders', 'unapplied'],
    find: ({ project, processes, statuses, holders, unapplied }) => {
      if (project.kind !== 'valid' || processes === null) return [];
      return project.backends.flatMap(({ name }): Seen[] => {
        const own = processes.filter((process) => process.name === name);
        const status = statuses?.find((each) => each.name === name);
        const isTold = (status && isCrashing(status)) || holders.some(({ backend }) => backend === name);
        const isNew = own.length === 0 && unapplied.some((text) => text.startsWith(`${name}: `));
        const isComing = own.some(
          (process) => process.pid > 0 || process.status === 'waiting restart' || process.status === 'launching',
        );
        if (isTold || isNew || isComing) return [];
        const evidence =
          own.length === 0 ? "not in PM2's list" : `PM2 has it as ${own.map((process) => process.status).join(', ')}`;
        return [{ subject: name, symptom: 'it is not running', evidence, command: `npx lifeguard start ${name}` }];
      });
    },
  }),
  rule({
    id: 'restarts-often',
    group: 'backends',
    severity: 'warning',
    title: 'It was restarted often',
    why: 'Each restart cures it for a while, so nobody looks; its clients pay for each.',
    cure: 'See what they have in common: the summary counts them by cause, `incidents show ID` has the evidence of one.',
    example: 'npx lifeguard incidents summary --since 24h',
    needs: ['incidents'],
    find: ({ incidents }) =>
      byBackend(incidents).flatMap(([backend, own]): Seen[] => {
        const restarts = own.reduce((sum, incident) => sum + restartsOf(incident), 0);
        if (restarts <= OFTEN) return [];
        const causes = [...new Set(own.map(causeOf))].join(', ');
        const command = `npx lifeguard incidents summary --since 24h --backend ${backend}`;
        return [
          {
            subject: backend,
            symptom: `${restarts} restarts within 24 h`,
            evidence: `${own.length} incidents: ${causes}`,
            command,
          },
        ];
      }),
  }),
];

function isCrashing({ policy }: BackendStatus): boolean {
  return (
    policy.state === 'exhausted' ||
    (policy.lastError !== null && policy.restarts >= 2) ||
    (policy.parked && policy.lastError !== null)
  );
}

function isUp(processes: Facts['processes'], name: string): boolean {
  return processes?.some((process) => process.name === name && process.pid > 0) ?? false;
}
