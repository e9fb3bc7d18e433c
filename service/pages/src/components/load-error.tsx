import { hasLanguage, words } from '../words/words.ts';

/** Shown while there are no words of any language. */
const notLoaded = 'This page could not be loaded. Are you online? Then load it again.';

/** Shown in place of a page whose scripts cannot be loaded. */
export function LoadError() {
  return (
    <p class="form-error" role="alert">
      {hasLanguage() ? words().page.notLoadedReload : notLoaded}
    </p>
  );
}
