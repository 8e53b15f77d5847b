import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Draft } from './draft.ts';
import type { ProjectFolder } from './project-folder.ts';
import { readCompose } from './readers/compose.ts';
import { readNode } from './readers/node.ts';
import { readEcosystem } from './readers/pm2-apps.ts';
import { readProcfile } from './readers/procfile.ts';
import { pythonPlace, readPython } from './readers/python.ts';
import { readSupervisord } from './readers/supervisord.ts';
import { readUnits } from './readers/systemd.ts';

/** PM2's own files. Their apps are what somebody has written down, so they come first. */
const PM2_FILES = ['ecosystem.config.js', 'ecosystem.config.cjs', 'ecosystem.json', 'pm2.json', 'process.json'];

/**
 * What a project says of how it is run: PM2's own file, a Procfile, supervisord's, a systemd unit, a compose file, then the source. null: nothing is recognised.
 * @param path the PATH
 * @throws what a file of PM2's throws when it is run
 */
export function readProject(project: ProjectFolder, path: string): Draft | null {
  const file = PM2_FILES.find((name) => project.has(name));
  if (file !== undefined) return readEcosystem(project, file, appsIn(project, file));
  const place = pythonPlace(project, path);
  return (
    readProcfile(project) ??
    readSupervisord(project) ??
    readUnits(project) ??
    readCompose(project) ??
    readPython(project, place) ??
    readNode(project)
  );
}

/** As PM2 does it: the file is run, and its `apps` are taken; a list, or one app, will do too. */
function appsIn(project: ProjectFolder, file: string): Readonly<Record<string, unknown>>[] {
  const loaded: unknown = createRequire(join(project.path, 'x.js'))(join(project.path, file));
  const apps = (loaded as { apps?: unknown }).apps ?? loaded;
  const list = Array.isArray(apps) ? apps : [apps];
  return list.filter(
    (app): app is Readonly<Record<string, unknown>> =>
      typeof app === 'object' && app !== null && ('script' in app || 'name' in app),
  );
}
