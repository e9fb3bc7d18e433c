export type * from './socket/authority.ts';
