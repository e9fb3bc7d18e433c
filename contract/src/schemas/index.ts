export * from './admin.ts';
export * from './backend.ts';
export * from './brand.ts';
export * from './http.ts';
export * from './invitation.ts';
export * from './parse-input.ts';
export * from './socket.ts';
export * from './values.ts';
