export type { BackendInput, EcosystemInput } from './config/input.ts';
export { ConfigError } from './config/mistakes/diagnostics.ts';
export { defineBackend, defineEcosystem } from './ecosystem/define.ts';
export type { AppDeclaration } from './pm2/types.ts';
