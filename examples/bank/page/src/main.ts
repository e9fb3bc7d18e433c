import { createSession, isSignedIn, type Session, type SessionState } from '@latchkey/sdk-browser';
import { createBankView } from './bank.ts';
import { byId, setText } from './elements.ts';
import { describeEnd, describeError, describeStatus } from './messages.ts';
import { createSignInForm } from './sign-in-form.ts';

/** Opens a session: users sign in at the service, and the socket connects to the bank, which validates tokens at the service. */
async function openSession(): Promise<Session> {
  const answer = await fetch('/settings');
  const { latchkey_url: url } = (await answer.json()) as { latchkey_url: string };
  return createSession({ url, socketUrl: location.origin, apis: [location.origin] });
}

function show(part: 'entry' | 'bank'): void {
  const [shown, other] = [byId(part, HTMLElement), byId(part === 'bank' ? 'entry' : 'bank', HTMLElement)];
  if (!shown.hidden) return;
  [shown.hidden, other.hidden] = [false, true];
  shown.querySelector('h1')?.focus();
  byId('leave', HTMLButtonElement).hidden = part === 'entry';
}

async function start(): Promise<void> {
  const session = await openSession();
  const [entry, bank, status] = [createSignInForm(session), createBankView(session), byId('status', HTMLElement)];
  const update = (state: SessionState): void => {
    setText(status, describeStatus(state));
    status.dataset.status = state.status;
    bank.update(state);
    if (isSignedIn(state)) show('bank');
    else if (state.status === 'signed_out' && byId('entry', HTMLElement).hidden) {
      entry.open(describeEnd(state));
      show('entry');
    }
  };
  byId('leave', HTMLButtonElement).addEventListener('click', () => {
    session.logout().catch((error: unknown) => setText(byId('trouble', HTMLElement), describeError(error)));
  });
  session.subscribe(update);
  await session.connect();
  update(session.state);
}

start().catch((error: unknown) => setText(byId('trouble', HTMLElement), describeError(error)));
