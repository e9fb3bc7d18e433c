import { Failure } from '@latchkey/contract';
import { useTitle } from '../components/use-title.ts';
import { errorMessage } from '../messages.ts';
import { fill, words } from '../words/words.ts';

/** The reason why there is no password form. Has no link, because the requested address is not trusted. */
export function RefusedView({ error }: { readonly error: unknown }) {
  const invalid = error instanceof Failure && error.code === 'invalid_request' ? error : undefined;
  const { refused: title, refusedReload, refusedApp } = words().entry;
  useTitle(title);
  return (
    <section class="card entry" aria-labelledby="title">
      <h1 id="title" tabindex={-1}>
        {title}
      </h1>
      <p class="notice" role="alert" data-testid="refused">
        {invalid === undefined ? fill(refusedReload, { message: errorMessage(error) }) : refusedApp}
      </p>
      {invalid !== undefined && (
        <details>
          <summary>{words().page.forDevelopers}</summary>
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
