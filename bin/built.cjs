// Which file to run for a source of this package: the compiled one, unless there is none or the sources have been changed since.
const { existsSync, readdirSync, statSync } = require('node:fs');
const { join, sep } = require('node:path');

const root = join(__dirname, '..');

/** @param {string} source such as `probes/lifeguard.probe.ts` @returns {string | null} the compiled file, absolute; null: run the source */
exports.built = (source) => {
  const file = join(root, 'dist', source.replace(/\.ts$/, '.js'));
  if (!existsSync(file)) return null;
  // Installed as a package nobody changes it, and npm keeps no file's time.
  if (root.includes(`${sep}node_modules${sep}`)) return file;
  const builtAt = statSync(file).mtimeMs;
  return ['src', 'probes'].some((folder) => newest(join(root, folder)) > builtAt) ? null : file;
};

function newest(folder) {
  if (!existsSync(folder)) return 0;
  const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  return Math.max(0, ...files.map((entry) => statSync(join(entry.parentPath ?? entry.path, entry.name)).mtimeMs));
}
