import Bowser from 'bowser';

/** Display name, such as `Firefox on Linux`. An unknown client has its own text, cut to 40 characters. */
export function browserName(userAgent: string | null): string {
  if (userAgent === null || userAgent === '') return 'Unknown device';
  const { browser, os } = Bowser.parse(userAgent);
  const name = /^.{0,40}/u.exec((browser.name ?? '').replaceAll(/\p{C}/gu, '').trim())?.[0] ?? '';
  if (name === '') return 'Unknown device';
  return os.name === undefined ? name : `${name} on ${os.name}`;
}
