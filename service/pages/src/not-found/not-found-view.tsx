import { pagePaths } from '@latchkey/contract';
import { Card } from '../components/card.tsx';
import { PageLink } from '../components/page-link.tsx';
import { words } from '../words/words.ts';

/** Shown at an address without a page. */
export function NotFoundView() {
  const { notFound, notFoundText, toAccount } = words().page;
  return (
    <Card title={notFound}>
      <p>{notFoundText}</p>
      <p>
        <PageLink path={pagePaths.account}>{toAccount}</PageLink>
      </p>
    </Card>
  );
}
