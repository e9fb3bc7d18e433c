/**
 * Who may connect to a namespace of the application:
 * - `signed_in`          sockets of connections on which a session is signed in
 * - `public`             every client
 * - `own_authentication` clients that the namespace's own middleware lets in
 */
export type NamespaceAccess = 'signed_in' | 'public' | 'own_authentication';

/** Access by the namespace's name, such as `{ '/status': 'public' }`. Unlisted namespaces are `signed_in`. */
export type NamespaceAccesses = Readonly<Record<string, NamespaceAccess>>;

/** @throws TypeError when a name is none of an application's namespace, or the access is unknown */
export function assertNamespaceAccess(access: NamespaceAccesses): NamespaceAccesses {
  for (const [name, kind] of Object.entries(access)) {
    if (!/^\/./.test(name)) throw new TypeError(`namespaces: "${name}" has to be a name such as "/status", not "/"`);
    if (!['signed_in', 'public', 'own_authentication'].includes(kind))
      throw new TypeError(`namespaces: "${name}" has to be 'signed_in', 'public' or 'own_authentication'`);
  }
  return access;
}
