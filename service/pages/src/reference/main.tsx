import { paths } from '@latchkey/contract';
import { render } from 'preact';
import { createJsonClient, withoutCredentials } from '../platform/json-client.ts';
import type { AsyncApi, OpenApi } from './documents.ts';
import { type Chapter, ReferenceView } from './reference-view.tsx';
import { httpSections, socketSections } from './sections.ts';

const page = document.querySelector('main');
if (page === null) throw new TypeError('reference.html has no <main>.');

async function readChapters(): Promise<{ version: string; chapters: readonly Chapter[] }> {
  const { requestJson } = createJsonClient(withoutCredentials(fetch.bind(window)), location.origin);
  const [http, sockets] = await Promise.all([
    requestJson<OpenApi>(paths.openApi),
    requestJson<AsyncApi>(paths.asyncApi),
  ]);
  const chapterOf = (title: string, path: string, read: OpenApi | AsyncApi, sections: Chapter['sections']) => ({
    ...{ title, path, sections },
    description: read.info.description,
    document: read,
  });
  return {
    version: http.info.version,
    chapters: [
      chapterOf('HTTP', paths.openApi, http, httpSections(http)),
      chapterOf('Sockets', paths.asyncApi, sockets, socketSections(sockets)),
    ],
  };
}

readChapters().then(
  (reference) => {
    render(<ReferenceView {...reference} />, page);
    document.getElementById(location.hash.slice(1))?.scrollIntoView();
  },
  () =>
    render(
      <p class="form-error" role="alert">
        The documents could not be loaded. Load the page again.
      </p>,
      page,
    ),
);
