import { Failure, type LinkInspection, type LinkPurpose } from '@latchkey/contract';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { showBrand } from '../brand.ts';
import { Card } from '../components/card.tsx';
import { ErrorMessage } from '../components/error-message.tsx';
import { useResource } from '../components/resource.ts';
import { Filled } from '../words/filled.tsx';
import { words } from '../words/words.ts';
import type { MailApi } from './mail-api.ts';
import type { Tickets } from './tickets.ts';

/** Properties of each page of a mail. */
export interface MailPageProps {
  /** Of the link. `undefined`: the page was opened without a link, or loaded again. */
  readonly secret: string | undefined;
  readonly api: MailApi;
  readonly tickets: Tickets;
}

interface LinkViewProps {
  readonly title: string;
  readonly purpose: LinkPurpose;
  readonly secret: string | undefined;
  readonly api: Pick<MailApi, 'inspect'>;
  /** Placed below the reason why the link cannot be used. */
  readonly otherwise: ComponentChildren;
  readonly render: (link: LinkInspection, secret: string) => ComponentChildren;
}

/** A page that a link leads to: what the link is for, whose it is, and what its button does. Opening it changes nothing. */
export function LinkView({ title, purpose, secret, api, otherwise, render }: LinkViewProps) {
  const { value, error, load } = useResource(() => inspectFor(api, purpose, secret));
  useEffect(() => void load(), []);
  const link = value.value;
  useEffect(() => {
    if (link !== undefined) showBrand(link.tenant);
  }, [link]);
  if (error.value !== undefined) {
    const isInvalid = error.value instanceof Failure && error.value.code === 'link_invalid';
    return (
      <Card title={title}>
        {isInvalid ? (
          <p class="notice" role="alert" data-testid="link-invalid">
            {secret === undefined ? words().mail.linkMissing : words().mail.linkEnded}
          </p>
        ) : (
          <ErrorMessage error={error.value} />
        )}
        {isInvalid ? (
          otherwise
        ) : (
          <button type="button" onClick={() => void load()}>
            {words().page.tryAgain}
          </button>
        )}
      </Card>
    );
  }
  if (link === undefined || secret === undefined) return null;
  return (
    <Card title={title}>
      <p data-testid="link-for">
        <Filled
          text={words().mail.linkFor}
          values={{
            email: <bdi class="address">{link.email_hint ?? words().mail.yourAccount}</bdi>,
            tenant: <bdi>{link.tenant.name}</bdi>,
          }}
        />
      </p>
      {render(link, secret)}
    </Card>
  );
}

/** The link, if it is one for this page. */
async function inspectFor(
  api: Pick<MailApi, 'inspect'>,
  purpose: LinkPurpose,
  secret: string | undefined,
): Promise<LinkInspection> {
  if (secret === undefined) throw new Failure('link_invalid');
  const link = await api.inspect(secret);
  if (link.purpose !== purpose) throw new Failure('link_invalid');
  return link;
}
