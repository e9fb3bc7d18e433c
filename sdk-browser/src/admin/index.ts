export type { AdminFollower } from './admin-news.ts';
export { type Admin, adminOf } from './admin-of.ts';
