import type { AppUrlContext } from './hook.ts';

/** The app's URL with code, state and issuer (RFC 9207) behind `#`, where neither servers nor Referer headers see them. */
export function defaultAppUrl(
  code: string,
  app: string,
  { state, issuer }: Pick<AppUrlContext, 'state' | 'issuer'>,
): string {
  const url = new URL(app);
  url.hash = new URLSearchParams({ code, ...(state === undefined ? {} : { state }), iss: issuer }).toString();
  return url.href;
}

const forbidden = new Set(['javascript:', 'data:', 'vbscript:', 'blob:', 'file:', 'about:']);

/** A sentence about what is wrong with a URL that a hook has built, or `undefined`. */
export function validateAppUrl(url: unknown, code: string): string | undefined {
  if (typeof url !== 'string' || !URL.canParse(url)) return 'appUrl has to return an absolute URL.';
  const { protocol, href, hash } = new URL(url);
  if (forbidden.has(protocol)) return `appUrl must not return a ${protocol} URL.`;
  const visible = href.slice(0, href.length - hash.length);
  // The text itself, and as a browser or a server would parse it.
  if (visible.includes(code) || unescaped(visible).includes(code)) return 'appUrl must show the code only behind #.';
  return undefined;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
