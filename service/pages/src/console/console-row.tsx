import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { Facts, type Pairs } from '../components/facts.tsx';
import { fill, words } from '../words/words.ts';
import type { Badge } from './labels.ts';
import type { SectionName } from './section-card.tsx';

interface ConsoleRowProps {
  readonly name: ComponentChildren;
  readonly badges?: readonly Badge[];
  readonly facts: readonly ComponentChildren[];
  readonly details?: ComponentChildren;
  /** Buttons and links. */
  readonly children?: ComponentChildren;
}

/** A row of the console: name and badges, a line of facts, buttons. The direction of text of users is isolated. */
export function ConsoleRow({ name, badges = [], facts, details, children }: ConsoleRowProps) {
  return (
    <li class="session console-row" data-testid="row">
      <div>
        <p class="browser">
          <bdi>{name}</bdi>
          {badges.map(({ text, tone = '' }) => [
            ' ',
            <span key={text} class={`badge ${tone}`}>
              {text}
            </span>,
          ])}
        </p>
        <ul class="facts">
          {facts.map((fact, index) => (
            <li key={index}>
              <bdi>{fact}</bdi>
            </li>
          ))}
        </ul>
        {details}
      </div>
      {children !== undefined && <p class="row-actions">{children}</p>}
    </li>
  );
}

interface RowDetailsProps {
  /** The name of the row, as its buttons say it. */
  readonly row: string;
  readonly pairs: Pairs;
}

/** Details, which are rendered only while they are open. */
export function RowDetails({ row, pairs }: RowDetailsProps) {
  const { console } = words();
  const isOpen = useSignal(false);
  return (
    <details
      class="details"
      onToggle={(event) => {
        isOpen.value = event.currentTarget.open;
      }}
    >
      <summary aria-label={fill(console.ofRow, { action: console.details, row })}>{console.details}</summary>
      <Facts pairs={isOpen.value ? pairs : []} />
    </details>
  );
}

interface RowButtonProps {
  /** The name of the row, which the accessible name of the button contains. */
  readonly row: string;
  readonly onClick: () => unknown;
  readonly isDanger?: boolean;
  readonly testId?: string;
  readonly children: string;
}

export function RowButton({ row, onClick, isDanger = false, testId, children }: RowButtonProps) {
  return (
    <button
      type="button"
      class={isDanger ? 'danger' : undefined}
      aria-label={fill(words().console.ofRow, { action: children, row })}
      data-testid={testId}
      onClick={() => void onClick()}
    >
      {children}
    </button>
  );
}

interface RowLinksProps {
  readonly row: string;
  /** The sections to link to. */
  readonly to: readonly SectionName[];
  /** The filters of these sections. */
  readonly query: string;
}

export function RowLinks({ row, to, query }: RowLinksProps) {
  const { console } = words();
  return to.map((section) => (
    <a key={section} href={`#${section}?${query}`} aria-label={fill(console.ofRow, { action: console[section], row })}>
      {console[section]}
    </a>
  ));
}
