export type { OnlineUser } from '@latchkey/contract';
export { getOnlineUsers, type OnlineUserList } from './get-online-users.ts';
export type { OnlineUsersState } from './online-users.ts';
