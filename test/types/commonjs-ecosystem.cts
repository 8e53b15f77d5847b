// Compiled, never run: an ecosystem file of a CommonJS project is typed as one of ES modules is.
const { defineEcosystem } = require('../../src/index.ts') as typeof import('../../src/index.ts');

module.exports = defineEcosystem(__filename, {
  backends: [{ name: 'api', run: { script: 'server.js' }, port: 5555, restart: { max_restarts: 3 } }],
});
// @ts-expect-error no such key
module.exports = defineEcosystem(__filename, { backends: [{ name: 'api', run: { script: 'server.js' }, prot: 5555 }] });
