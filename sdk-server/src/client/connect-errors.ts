import { type Failure, fail, isErrorCode, isTransientStatus } from '@latchkey/contract';

/** A load balancer whose service is being replaced answers 404, too: only so many such answers in a row count. */
const minStatusCount = 3;

/** Why there is no connection, by the error of `connect_error`: that of the operating system, of TLS, or the HTTP status. */
export function connectErrorReason(error: Error): string {
  const { description } = error as { description?: { message?: unknown; error?: { code?: unknown } } };
  const { code } = description?.error ?? {};
  // An AggregateError, of several addresses, has a code alone.
  const said = [code, description?.message].filter((part) => typeof part === 'string' && part !== '').join(': ');
  return said === '' ? error.message : said;
}

/** The HTTP status that answered the WebSocket's upgrade, by the words of ws. */
function upgradeStatus(error: Error): number | undefined {
  const { description } = error as { description?: { message?: unknown } };
  const [, status] = /Unexpected server response: (\d{3})$/.exec(String(description?.message)) ?? [];
  return status === undefined ? undefined : Number(status);
}

/** The service's own refusal: the error of the table in `data` of a CONNECT_ERROR. */
function toServiceRefusal(data: unknown): Failure | undefined {
  const { code, message, retryable } = Object(data) as { code?: unknown; message?: unknown; retryable?: unknown };
  if (retryable !== false || !isErrorCode(code) || code === 'internal_error') return undefined;
  if (code !== 'unauthenticated')
    return fail(code, { message: `The service refuses this backend: ${message}`, reason: 'protocol_refused' });
  const fix = 'check backendId and backendSecret; `backend create` at the service makes a new pair';
  const sentence = `The service does not accept the backend's id and secret: ${fix}.`;
  return fail(code, { message: sentence, reason: 'backend_refused' });
}

/** Classifies errors of the connection to the service at `url`, the backend's option. */
export function createConnectErrorClassifier(url: string) {
  const noService = (what: string): Failure =>
    fail('not_found', {
      message: `${url} is no Latchkey service: ${what}. Check the option url.`,
      reason: 'not_a_service',
    });
  let statuses = 0;

  return Object.freeze({
    /** The refusal that an error of `connect_error` means; `undefined` when trying again may help. */
    classify(error: Error) {
      const status = upgradeStatus(error);
      const isForeign = status !== undefined && !isTransientStatus(status);
      statuses = isForeign ? statuses + 1 : 0;
      if (isForeign) return statuses < minStatusCount ? undefined : noService(`its socket path answers ${status}`);
      if (error.message === 'Invalid namespace') return noService('its Socket.IO server has no namespace for backends');
      return toServiceRefusal((error as { data?: unknown }).data);
    },
    /** A connection was open. */
    reset() {
      statuses = 0;
    },
  });
}
