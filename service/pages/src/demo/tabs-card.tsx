import { pagePaths } from '@latchkey/contract';
import { pageUrl, tenantFromUrl } from '../tenant.ts';
import { words } from '../words/words.ts';

/** Opens a further tab, which has the same session. */
export function TabsCard() {
  const { demo } = words();
  return (
    <section class="card" aria-labelledby="tabs-title">
      <h2 id="tabs-title">{demo.tabs}</h2>
      <p class="hint">{demo.tabsHint}</p>
      <p>
        <a
          href={pageUrl(pagePaths.demo, tenantFromUrl(location))}
          target="_blank"
          rel="noopener opener"
          data-testid="open-tab"
        >
          {demo.openTab}
        </a>
      </p>
    </section>
  );
}
