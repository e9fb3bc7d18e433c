import { errorMessage } from '../messages.ts';

/** Shows the message of an error. Shows nothing without an error. */
export function ErrorMessage({ error }: { readonly error: unknown }) {
  return (
    <p class="form-error" role="alert">
      {error === undefined ? undefined : errorMessage(error)}
    </p>
  );
}
