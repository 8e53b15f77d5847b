// npm run release -- VERSION: the number in package.json, its lock and the changelog; what is left is said, and typed by a person.
import { fileURLToPath } from 'node:url';
import { release } from './releasing.ts';

const [version] = process.argv.slice(2);
if (version === undefined) {
  console.error('Usage: npm run release -- VERSION, such as 0.2.0');
  process.exit(64);
}
try {
  release(fileURLToPath(new URL('..', import.meta.url)), version, new Date().toISOString().slice(0, 10));
  console.log(
    [
      `${version} is written. Look at it, then:`,
      '  npm run check && npm test',
      `  git commit -am "Release ${version}" && git tag v${version}`,
      '  npm publish --provenance',
    ].join('\n'),
  );
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
