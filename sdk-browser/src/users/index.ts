export type { OnlineUser } from '@latchkey/contract';
export type { OnlineUsers } from './online-users.ts';
export { type Users, usersOf } from './users-of.ts';
