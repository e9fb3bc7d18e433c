/** Groups of operations, by the beginning of their paths. The longest that fits counts. */
const groups = [
  {
    name: 'Sign-in',
    description: 'Sign-up and sign-in. Each answers with a code.',
    paths: ['/login', '/regist', '/signin/'],
  },
  { name: 'OAuth', description: 'Tokens (RFC 6749, RFC 7009, RFC 7662).', paths: ['/oauth/'] },
  { name: 'Sessions', description: 'The sessions of the caller.', paths: ['/sessions', '/logout'] },
  { name: 'Account', description: 'The user of the access token.', paths: ['/me'] },
  {
    name: 'Mails',
    description: 'Links and codes that are mailed.',
    paths: ['/login/email', '/email/', '/password/', '/links/', '/invitations/', '/me/email', '/me/verification'],
  },
  {
    name: 'Administration',
    description: 'For operators, and for backends with the scope `admin`.',
    paths: ['/admin/'],
  },
  { name: 'Service', description: 'Metadata, keys, health, images and documents.', paths: ['/'] },
] as const;

export const tags = groups.map(({ name, description }) => ({ name, description }));

/** The group of a path. */
export function tagOf(path: string): string {
  const fitting = groups
    .flatMap(({ name, paths }) => paths.map((prefix) => ({ name, prefix })))
    .filter(({ prefix }) => path.startsWith(prefix));
  return fitting.reduce((best, one) => (one.prefix.length > best.prefix.length ? one : best)).name;
}
