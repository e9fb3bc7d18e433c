/** The frameworks that guards are made for, and what each calls its guard with. */
const signatures = {
  express: 'middleware of Express, called with (req, res, next)',
  koa: 'middleware of Koa, called with (ctx, next)',
  fastify: 'a hook of Fastify, called with (request, reply)',
  node: 'for node:http, called with (request, response)',
} as const;

/**
 * Checks at each request that the framework is the one that the guard was made for.
 *
 * @throws TypeError that names the framework, before the request is examined
 */
export function assertGuard(name: keyof typeof signatures, isFitting: boolean): void {
  if (!isFitting) throw new TypeError(`latchkey.${name}() is ${signatures[name]}; another framework has another guard`);
}
