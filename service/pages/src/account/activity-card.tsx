import type { AccountActivity } from '@latchkey/contract';
import { actionLabel } from '../console/labels.ts';
import { useListModel } from '../console/list-model.ts';
import { PagedList } from '../console/paged-list.tsx';
import { formatTimestamp } from '../words/formats.ts';
import { words } from '../words/words.ts';
import type { AccountApi } from './account-api.ts';

/** What happened to the account, newest first. It is read when the card is opened. */
export function ActivityCard({ api }: { readonly api: Pick<AccountApi, 'activity'> }) {
  const { activity } = words();
  const list = useListModel<AccountActivity>((_, cursor) => api.activity(cursor));
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
