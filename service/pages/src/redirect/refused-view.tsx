import { Failure } from '@latchkey/contract';
import { useTitle } from '../components/use-title.ts';
import { errorMessage } from '../messages.ts';

const title = 'This sign-in cannot continue';

/** The reason why there is no password form. Has no link, because the requested address is not trusted. */
export function RefusedView({ error }: { readonly error: unknown }) {
  const invalid = error instanceof Failure && error.code === 'invalid_request' ? error : undefined;
  useTitle(title);
  return (
    <section class="card entry" aria-labelledby="title">
      <h1 id="title" tabindex={-1}>
        {title}
      </h1>
      <p class="notice" role="alert" data-testid="refused">
        {invalid === undefined
          ? `${errorMessage(error)} Load this page again.`
          : 'The app that sent you here is unknown, or its request is invalid. Go back to the app and try again.'}
      </p>
      {invalid !== undefined && (
        <details>
          <summary>For developers</summary>
          <ul data-testid="mistakes">
            {invalid.details?.map(({ path, message }) => (
              <li key={path}>
                <code>{path}</code> {message}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
