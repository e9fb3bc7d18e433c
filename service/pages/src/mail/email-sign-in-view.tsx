import { pagePaths, paths } from '@latchkey/contract';
import { PageLink } from '../components/page-link.tsx';
import { getSignInMemory } from '../sign-in/sign-in-memory.ts';
import { tenantOfPages } from '../tenant.ts';
import { fill, words } from '../words/words.ts';
import { ActionButton } from './action-button.tsx';
import { LinkView, type MailPageProps } from './link-view.tsx';
import { loadPageSession } from './load-page-session.ts';
import { TypedCodeView } from './typed-code-view.tsx';

/** Signs in by the link of a mail, in the browser that asked for it. Elsewhere it shows where the code belongs. */
export function EmailSignInView({ secret, api, tickets }: MailPageProps) {
  const ticket = tickets.find('sign_in');
  if (secret === undefined && ticket !== undefined && ticket.app === undefined)
    return <TypedCodeView purpose="sign_in" ticket={ticket} api={api} tickets={tickets} />;
  return (
    <LinkView
      title={words().mail.signInTitle}
      purpose="sign_in"
      secret={secret}
      api={api}
      otherwise={
        <p>
          <PageLink path={pagePaths.signIn}>{words().mail.toSignIn}</PageLink>
        </p>
      }
      render={(link, given) => {
        if (ticket === undefined || ticket.app !== undefined) return <OtherPlace app={ticket?.app} />;
        const signIn = async (): Promise<void> => {
          const { signInHere } = await loadPageSession();
          const proof = { secret: given, ticket: ticket.ticket };
          await signInHere(tenantOfPages(link.tenant), paths.loginEmailVerify, proof);
          tickets.remove('sign_in');
          getSignInMemory().saveWay(tenantOfPages(link.tenant), 'mail');
        };
        return <ActionButton label={words().entry.signIn} act={signIn} />;
      }}
    />
  );
}

function OtherPlace({ app }: { readonly app: string | undefined }) {
  return (
    <p class="notice" data-testid="other-tab">
      {app === undefined ? words().mail.otherBrowser : fill(words().mail.otherTab, { app })}
    </p>
  );
}
