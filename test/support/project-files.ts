import type { ProjectFolder } from '../../src/init/project-folder.ts';

/** A project's folder with these files in it, by name. */
export function project(files: Readonly<Record<string, string>>): ProjectFolder {
  return {
    path: '/srv/shop',
    name: 'shop',
    has: (file) => file in files,
    read: (file) => files[file] ?? null,
    sources: (...extensions) => Object.keys(files).filter((file) => extensions.some((extension) => file.endsWith(extension))),
  };
}
