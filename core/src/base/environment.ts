/** True unless `NODE_ENV` is `production`: answers then have the setting to change as `detail`. */
export function isDevelopment(): boolean {
  return process.env.NODE_ENV !== 'production';
}
