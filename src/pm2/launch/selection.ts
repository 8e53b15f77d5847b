import { LifeguardError } from '../../errors/lifeguard-error.ts';
import type { AppDeclaration } from '../types.ts';
import type { Ecosystem } from './ecosystem.ts';

/**
 * The names that `--only` chooses, in the order of the ecosystem.
 * @throws LifeguardError `usage` for a name that is not declared
 */
export function selectApps({ apps, file }: Ecosystem, only: readonly string[] | null): string[] {
  const names = apps.map(({ name }) => name);
  const unknown = (only ?? []).filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new LifeguardError('usage', `--only: there is no ${unknown.join(', ')} in ${file}`, {
      hint: `It declares ${names.join(', ')}.`,
    });
  }
  return names.filter((name) => !only || only.includes(name));
}

/**
 * The declarations with `env_NAME` merged over `env`.
 * @throws LifeguardError `usage` when no app has that environment
 */
export function selectEnvironment(apps: readonly AppDeclaration[], envName: string | null): AppDeclaration[] {
  if (envName === null) return [...apps];
  const key = `env_${envName}` as const;
  if (!apps.some((app) => app[key])) {
    const known = [...new Set(apps.flatMap((app) => Object.keys(app).filter((each) => each.startsWith('env_'))))];
    throw new LifeguardError('usage', `--env ${envName}: no backend has an ${key}`, {
      hint: known.length > 0 ? `There is ${known.join(', ')}.` : `Add ${key} beside the env of a backend's run.`,
    });
  }
  return apps.map((app) => ({ ...app, env: { ...app.env, ...app[key] } }));
}
