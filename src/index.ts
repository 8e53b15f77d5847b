export { ConfigError } from './config/diagnostics.ts';
export { type BackendDefinition, defineBackend, defineEcosystem, type EcosystemDefinition } from './ecosystem/define.ts';
export type { AppDeclaration } from './pm2/types.ts';
