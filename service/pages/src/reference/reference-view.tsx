import { useSignal } from '@preact/signals';
import { Marked, MarkedLine } from './marked.tsx';
import { SchemaView } from './schema-view.tsx';
import { type Entry, filterSections, type Section } from './sections.ts';

/** A document with its sections. */
export interface Chapter {
  readonly title: string;
  /** Where the document is. */
  readonly path: string;
  readonly description: string;
  readonly document: object;
  readonly sections: readonly Section[];
}

/** The reference: all operations and events, filtered by a text. */
export function ReferenceView({
  version,
  chapters,
}: {
  readonly version: string;
  readonly chapters: readonly Chapter[];
}) {
  const text = useSignal('');
  return (
    <>
      <header class="reference-head">
        <h1>
          API reference <small>{version}</small>
        </h1>
        <label>
          Filter
          <input type="search" value={text} onInput={({ currentTarget }) => (text.value = currentTarget.value)} />
        </label>
      </header>
      {chapters.map((chapter) => (
        <ChapterView key={chapter.path} chapter={chapter} text={text.value} />
      ))}
    </>
  );
}

function ChapterView({ chapter, text }: { readonly chapter: Chapter; readonly text: string }) {
  const { title, path, description, document } = chapter;
  const sections = filterSections(chapter.sections, text);
  if (sections.length === 0) return null;
  return (
    <section aria-label={title} class="chapter">
      <h2>{title}</h2>
      <Marked text={description} />
      <p>
        <a href={path}>{path}</a>
      </p>
      {sections.map((section) => (
        <section key={section.title} aria-label={section.title}>
          <h3>{section.title}</h3>
          <Marked text={section.description} />
          {section.entries.map((entry) => (
            <EntryView key={entry.id} entry={entry} document={document} />
          ))}
        </section>
      ))}
    </section>
  );
}

/** Its parts are made when it opens: a page of all of them would be slow. */
function EntryView({
  entry: { id, kind, name, summary, parts },
  document,
}: {
  readonly entry: Entry;
  readonly document: object;
}) {
  const anchor = encodeURIComponent(id);
  const isOpen = useSignal(location.hash === `#${anchor}`);
  return (
    <details
      class="endpoint"
      id={anchor}
      open={isOpen.value}
      onToggle={({ currentTarget }) => (isOpen.value = currentTarget.open)}
    >
      <summary>
        <code class="kind">{kind}</code> <code>{name}</code>{' '}
        <span>
          <MarkedLine text={summary} />
        </span>
      </summary>
      {isOpen.value &&
        parts.map((part) => (
          <section key={part.title}>
            <h4>{part.title}</h4>
            {part.text !== undefined && <Marked text={part.text} />}
            {part.schema !== undefined && <SchemaView schema={part.schema} document={document} />}
          </section>
        ))}
    </details>
  );
}
