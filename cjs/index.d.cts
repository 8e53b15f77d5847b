import type * as lifeguard from '../dist/src/index.js' with { 'resolution-mode': 'import' };

export type { AppDeclaration, BackendInput, EcosystemInput } from '../dist/src/index.js' with { 'resolution-mode': 'import' };
export type ConfigError = lifeguard.ConfigError;
export declare const ConfigError: typeof lifeguard.ConfigError;
export declare const defineBackend: typeof lifeguard.defineBackend;
export declare const defineEcosystem: typeof lifeguard.defineEcosystem;
