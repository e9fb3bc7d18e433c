import type { AccountActivity } from '@latchkey/contract';
import type { Account } from '@latchkey/sdk-browser/account';
import type { ListPage } from '../console/console-api.ts';
import { actionLabel } from '../console/labels.ts';
import { useListModel } from '../console/list-model.ts';
import { PagedList } from '../console/paged-list.tsx';
import { formatTimestamp } from '../words/formats.ts';
import { words } from '../words/words.ts';

/** What happened to the account, newest first. It is read when the card is opened. */
export function ActivityCard({ read }: { readonly read: Account['activity'] }) {
  const { activity } = words();
  const list = useListModel<AccountActivity>((_, cursor) => readPage(read, cursor));
  return (
    <section class="card" aria-labelledby="activity-title" data-testid="activity-card">
      <h2 id="activity-title">{activity.title}</h2>
      <p class="hint">{activity.hint}</p>
      <details onToggle={(event) => event.currentTarget.open && void list.loadFirst()}>
        <summary data-testid="activity">{activity.show}</summary>
        <PagedList list={list} empty={activity.empty}>
          {(row) => <ActivityRow key={row.id} row={row} />}
        </PagedList>
      </details>
    </section>
  );
}

/** The rows have times, not ages, so the time of the service is not needed. */
async function readPage(read: Account['activity'], cursor: string | undefined): Promise<ListPage<AccountActivity>> {
  const { activity, next_cursor } = await read(cursor === undefined ? {} : { cursor });
  return { rows: activity, next: next_cursor ?? undefined, at: Number.NaN };
}

function ActivityRow({ row }: { readonly row: AccountActivity }) {
  const { activity } = words();
  return (
    <li class="session" data-testid="activity-row">
      <div>
        <p class="browser">{actionLabel(row.action)}</p>
        <ul class="facts">
          <li>
            <time datetime={row.at}>{formatTimestamp(row.at)}</time>
          </li>
          {row.address_prefix !== null && <li>{row.address_prefix}</li>}
          {row.by_administrator && <li>{activity.byAdministrator}</li>}
        </ul>
      </div>
    </li>
  );
}
