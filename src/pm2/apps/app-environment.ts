import { type Environment, inheritable } from '../daemon/environment.ts';
import type { AppDeclaration } from '../types.ts';

/**
 * The environment that an app is started with: what is declared, over the user's own variables.
 * @param environment the launcher's own
 * @param withheld names of it that the app must not inherit, because its env_file sets them
 */
export function appEnvironment(
  app: Pick<AppDeclaration, 'cwd' | 'env'>,
  { environment, withheld, pm2Home }: { environment: Environment; withheld: readonly string[]; pm2Home: string },
): Record<string, string> {
  const inherited = inheritable(environment);
  for (const name of withheld) delete inherited[name];
  return { ...inherited, PWD: app.cwd, ...app.env, PM2_HOME: pm2Home };
}
