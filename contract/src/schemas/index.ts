export * from './backend.ts';
export * from './values.ts';
