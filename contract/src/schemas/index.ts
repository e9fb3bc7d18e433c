export * from './backend.ts';
export * from './socket.ts';
export * from './values.ts';
