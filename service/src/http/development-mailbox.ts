import type { DevelopmentMailbox } from '../mail/development-mailbox.ts';
import type { Middleware } from './context.ts';
import type { HttpConfig } from './deps.ts';

interface MailboxDeps {
  readonly config: Pick<HttpConfig, 'publicUrl'>;
  /** `undefined`: there is no mailbox, and its paths are not found. */
  readonly mailbox: Pick<DevelopmentMailbox, 'read'> | undefined;
  /** Serves the page. */
  readonly page: Middleware;
}

const pagePath = '/dev/mailbox';
const mailsPath = `${pagePath}/mails`;

/**
 * Serves the development mailbox. Only for requests whose `Host` is that of the public URL: a name that an attacker points
 * at this machine is another one (DNS rebinding). Everything else is not found.
 */
export function developmentMailbox({ config, mailbox, page }: MailboxDeps): Middleware {
  const { host } = new URL(config.publicUrl);
  return async (ctx, next) => {
    const isOwn = ctx.method === 'GET' && ctx.req.headers.host?.toLowerCase() === host;
    if (mailbox === undefined || !isOwn || (ctx.path !== pagePath && ctx.path !== mailsPath)) return next();
    ctx.state.route = ctx.path;
    if (ctx.path === pagePath) return page(ctx, next);
    const mails = mailbox.read(/^Bearer (\S+)$/i.exec(ctx.get('Authorization'))?.[1] ?? '');
    if (mails === undefined) return next();
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { mails };
  };
}
