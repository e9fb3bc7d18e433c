/** Every secret that a test run used, and whether one of them has leaked. */
export interface Secrets {
  /** Remembers a secret under a name for the failure message. Returns it, so that a call can be wrapped. */
  add<T extends string | undefined>(name: string, secret: T): T;
  /** Remembers each string of `body`, at any depth, whose field names a credential (8 characters or more). Returns it. */
  addAll<T>(body: T): T;
  /** How many it knows; a search that knows none proves nothing. */
  count(): number;
  /** The names of the secrets found in `text`, whole, escaped, or as the telling part of a JWT. */
  findIn(text: string): string[];
  /** Throws when `text` holds a secret, and when no secret was ever added. */
  assertAbsent(text: string): void;
}

const credentialFields = new Set([
  'password',
  'current_password',
  'new_password',
  'code',
  'code_verifier',
  'token',
  'access_token',
  'refresh_token',
  'rotation_key',
  'also_rotation_keys',
  'proof',
]);

/**
 * Starts an empty collection.
 *
 * @example
 * secrets.addAll(await login(email, password));
 * secrets.assertAbsent(service.log());
 */
export function createSecrets(): Secrets {
  const names = new Map<string, string>();
  const add = <T extends string | undefined>(name: string, secret: T): T => {
    if (secret === undefined) return secret;
    if (secret.length < 8)
      throw new TypeError(`the secret "${name}" is too short to be searched for; use a longer one`);
    names.set(secret, name);
    return secret;
  };
  const findIn = (text: string) =>
    [...names].filter(([secret]) => spellingsOf(secret).some((part) => text.includes(part))).map(([, name]) => name);
  return Object.freeze<Secrets>({
    add,
    addAll(body) {
      visit(body, (field, value) => value.length < 8 || add(field, value));
      return body;
    },
    count: () => names.size,
    findIn,
    assertAbsent(text) {
      if (names.size === 0) throw new Error('no secret was added, so nothing can be found');
      const found = findIn(text);
      if (found.length > 0) throw new Error(`secrets in the text: ${found.join(', ')}`);
    },
  });
}

/** A JWT's header is public; its payload and its signature are what must not be seen. */
function spellingsOf(secret: string): string[] {
  const jwt = /^[\w-]+\.([\w-]+)\.([\w-]+)$/.exec(secret);
  const parts = jwt === null ? [secret] : [jwt[1] as string, jwt[2] as string];
  return [...new Set(parts.flatMap((part) => [part, encodeURIComponent(part), JSON.stringify(part).slice(1, -1)]))];
}

/** An error's `code` is a word of the error table, not a credential; so is any value without a digit or a capital. */
function visit(value: unknown, found: (field: string, secret: string) => unknown, field = ''): void {
  if (typeof value === 'string') {
    if (field === 'url') visit(Object.fromEntries(new URLSearchParams(value.split('#')[1])), found);
    else if (credentialFields.has(field) && !/^[a-z_]*$/.test(value)) found(field, value);
  } else if (Array.isArray(value)) {
    for (const item of value) visit(item, found, field);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, item] of Object.entries(value)) visit(item, found, name);
  }
}
