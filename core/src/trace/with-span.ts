import { errors, Failure } from '@latchkey/contract';
import { type Attributes, type Link, type Span, type SpanContext, SpanStatusCode, trace } from '@opentelemetry/api';

/** Of a span. Never a credential, and no id of a user. */
interface SpanOptions {
  readonly attributes?: Attributes;
  /** Spans whose work is done in this one, as the requests of a batch. */
  readonly links?: Link[];
}

const tracer = trace.getTracer('latchkey');

/**
 * Does work in a span of OpenTelemetry, which is the parent of the spans within. Without an SDK of OpenTelemetry in the
 * process the work is done and nothing else. A rejection sets `error.type`; the status is an error where the service is at
 * fault, and not where it refuses a request.
 *
 * @returns what `work` returns
 * @example
 * await withSpan('latchkey.login', () => login(request));
 */
export function withSpan<T>(name: string, work: () => T, options: SpanOptions = {}): T {
  return tracer.startActiveSpan(name, options, (span) => {
    try {
      const result = work();
      if (!(result instanceof Promise)) {
        span.end();
        return result;
      }
      result.then(
        () => span.end(),
        (error: unknown) => endFailed(span, error),
      );
      return result;
    } catch (error) {
      endFailed(span, error);
      throw error;
    }
  });
}

/** The span that the caller runs in, for a link. `undefined`: there is none. */
export function activeSpanContext(): SpanContext | undefined {
  return trace.getActiveSpan()?.spanContext();
}

function endFailed(span: Span, error: unknown): void {
  const isRefusal = error instanceof Failure && errors[error.code].status < 500;
  span.setAttribute('error.type', error instanceof Failure ? error.code : nameOf(error));
  if (!isRefusal) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

const nameOf = (error: unknown) => (error instanceof Error ? error.name : typeof error);
