/** One challenge of `WWW-Authenticate` (RFC 9110 §11.6.1); names in lower case. */
interface AuthChallenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** `name="quoted"`, `name=token`, or a scheme; what else may stand there, such as a token68, looks like a scheme. */
const challengeTokens = /([^\s,="]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,="]+))|[^\s,="]+/g;

/** All challenges of a header, in order; nothing of what cannot be read. */
export function parseChallenges(header: string): AuthChallenge[] {
  const found: { scheme: string; parameters: Record<string, string> }[] = [];
  for (const [text, name, quoted, plain] of header.matchAll(challengeTokens)) {
    if (name === undefined) found.push({ scheme: text.toLowerCase(), parameters: {} });
    else Object.assign(found.at(-1)?.parameters ?? {}, { [name.toLowerCase()]: plain ?? unescaped(quoted) });
  }
  return found;
}

function unescaped(quoted = ''): string {
  return quoted.replace(/\\(.)/g, '$1');
}

/**
 * The challenge of the service, or of a backend's guard. A proxy, a gateway or an API of somebody else that answers 401
 * speaks of its own credentials: a new token of ours would not help there.
 */
export function challengeForRealm(response: Response): AuthChallenge | undefined {
  if (response.status !== 401) return undefined;
  return parseChallenges(response.headers.get('www-authenticate') ?? '').find(
    ({ scheme, parameters }) => (scheme === 'bearer' || scheme === 'dpop') && parameters.realm === 'latchkey',
  );
}
