export { createService, type Service, type ServiceOptions } from './app/build.ts';
export { type Config, createConfig } from './config/config.ts';
export { describeSettings, type SettingRow } from './config/describe.ts';
export { ConfigError } from './config/env.ts';
export type { ExternalUser, User } from './domain/user/user.ts';
export type { HookFunctions } from './hook/hook.ts';
