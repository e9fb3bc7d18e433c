const endMs = Date.UTC(10_000, 0);

/**
 * Whether a time of ISO 8601 is of the years 1970 to 9999 in UTC: others have no spelling that every database reads. A text
 * that is no time passes, because its own check refuses it.
 */
export function isStorableTime(iso: string): boolean {
  const ms = Date.parse(iso);
  return !(ms < 0 || ms >= endMs);
}
