/** True unless `NODE_ENV` is `production`: answers then tell the developer what to change. */
export function isDevelopment(): boolean {
  return process.env.NODE_ENV !== 'production';
}
