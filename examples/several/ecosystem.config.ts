import { defineEcosystem } from '../../src/index.ts'; // in a project of your own: 'pm2-lifeguard'

export const { apps } = defineEcosystem(import.meta.url, { backends: [] }); // all of it is in backend.yaml
