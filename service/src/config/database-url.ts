const reserved = 'percent-encode reserved characters in user and password: # as %23, / as %2F, ? as %3F, @ as %40';

/**
 * What is wrong with a `postgres://` URL, as the end of a sentence that holds no part of it. `undefined` for one that can be
 * used. A Unix socket is named by `?host=/folder` or by its folder in percent encoding in the host's place.
 *
 * @see https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
 * @example
 * validateDatabaseUrl('postgres://app:a#b@db/app'); // 'holds a # …'
 */
export function validateDatabaseUrl(text: string): string | undefined {
  const [, authority = '', rest = ''] = /^postgres(?:ql)?:\/\/([^/?#]*)(.*)$/s.exec(text) ?? [];
  if (/^["']/.test(text)) return 'is in quotes: write it without them';
  if (!/^postgres(ql)?:\/\//.test(text)) return 'has to be a postgres:// URL';
  if (/\s/.test(text)) return `must not hold spaces: ${reserved}`;
  if (rest.includes('#')) return `holds a #, which ends a URL: ${reserved}`;
  const hasUser = authority.includes('@');
  if (!hasUser && rest.split('?')[0]!.includes('@')) return `holds a / before its host: ${reserved}`;
  return validateHost(authority.slice(authority.lastIndexOf('@') + 1), rest);
}

function validateHost(host: string, rest: string): string | undefined {
  const query = new URLSearchParams(rest.split('?').slice(1).join('?'));
  if ([host, query.get('host') ?? ''].some((hosts) => hosts.includes(',')))
    return 'names several hosts: name one address that leads to the primary, such as that of a proxy';
  const [, port] = /^(?:\[[\da-fA-F:.]+\]|[^:[\]]*)(?::(\d*))?$/.exec(host) ?? [undefined, 'unreadable'];
  if (![port, query.get('port')].every(isPort)) return `has no readable host and port from 1 to 65535: ${reserved}`;
  return undefined;
}

const isPort = (port: string | null | undefined) =>
  !port || (/^\d+$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535);
