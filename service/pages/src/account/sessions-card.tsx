import type { SessionInfo } from '@latchkey/contract';
import { useRef } from 'preact/hooks';
import { ErrorMessage } from '../components/error-message.tsx';
import type { Resource } from '../components/resource.ts';
import { ResultMessage, useResult } from '../components/result-message.tsx';
import { fill, words } from '../words/words.ts';
import { orderSessions } from './order-sessions.ts';
import { otherSessionsEndedMessage } from './session-messages.ts';
import { SessionRow } from './session-row.tsx';
import type { ListedSessions } from './sessions-api.ts';

interface SessionsCardProps {
  readonly sessions: Resource<ListedSessions>;
  /** Without a connection the online status is unknown. */
  readonly isStale: boolean;
  readonly endOne: (id: string) => Promise<unknown>;
  readonly endOthers: () => Promise<{ readonly ended: number }>;
  readonly endAll: () => Promise<unknown>;
}

/** The user's sessions, and buttons to end them. */
export function SessionsCard({ sessions, isStale, endOne, endOthers, endAll }: SessionsCardProps) {
  const title = useRef<HTMLHeadingElement>(null);
  const result = useResult();
  const act = async (perform: () => Promise<string>): Promise<boolean> => {
    const isDone = await result.run(perform);
    if (isDone) await sessions.load();
    return isDone;
  };
  const end = async ({ id, browser }: SessionInfo): Promise<void> => {
    if (await act(() => endOne(id).then(() => fill(words().account.sessionEnded, { browser })))) title.current?.focus();
  };
  const { sessions: rows = [], at = Number.NaN } = sessions.value.value ?? {};
  return (
    <section class="card" aria-labelledby="sessions-title" data-stale={isStale}>
      <h2 id="sessions-title" tabindex={-1} ref={title}>
        {words().account.sessions}
      </h2>
      <p class="hint">{words().account.sessionsHint}</p>
      <ul class="sessions" data-testid="sessions">
        {orderSessions(rows).map((session) => (
          <SessionRow key={session.id} session={session} now={at} onEnd={() => void end(session)} />
        ))}
      </ul>
      <ErrorMessage error={sessions.error.value} />
      <ResultMessage result={result} />
      <p class="actions">
        <button
          type="button"
          data-testid="end-others"
          onClick={() => void act(() => endOthers().then(({ ended }) => otherSessionsEndedMessage(ended)))}
        >
          {words().account.endOthers}
        </button>
        <button
          type="button"
          class="danger"
          data-testid="end-all"
          onClick={() => void act(() => endAll().then(() => ''))}
        >
          {words().account.endAll}
        </button>
      </p>
    </section>
  );
}
