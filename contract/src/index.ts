export * from './api.ts';
export * from './backend.ts';
export * from './claims.ts';
export * from './errors.ts';
export * from './events.ts';
export * from './failure.ts';
export * from './http.ts';
export * from './paths.ts';
