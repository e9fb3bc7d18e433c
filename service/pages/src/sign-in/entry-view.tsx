import { Failure, pagePaths } from '@latchkey/contract';
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import type { MailApi } from '../mail/mail-api.ts';
import { MailSentCard } from '../mail/mail-sent-card.tsx';
import type { Tickets } from '../mail/tickets.ts';
import { epochMs } from '../platform/timers.ts';
import { pageUrl } from '../tenant.ts';
import { words } from '../words/words.ts';
import { AddressCard } from './address-card.tsx';
import { type Credentials, createEntryActions, type WaitingMail } from './entry-actions.ts';
import type { PostSignIn } from './post-sign-in.ts';
import { ReplacePasswordCard } from './replace-password-card.tsx';
import type { SignInMemory } from './sign-in-memory.ts';
import { SignUpCard } from './sign-up-card.tsx';
import { useOptions } from './use-options.ts';
import { WaysCard } from './ways-card.tsx';

export type EntryKind = 'sign-in' | 'sign-up';

interface EntryViewProps {
  readonly kind: EntryKind;
  readonly tenant: string | undefined;
  /** Why the form is shown. */
  readonly notice: string | undefined;
  readonly lead?: ComponentChildren;
  /** The query and the origin of an app's request. */
  readonly redirect?: { readonly search: string; readonly origin: string };
  readonly operatorInvite?: string | undefined;
  readonly api: MailApi;
  readonly tickets: Tickets;
  readonly memory: SignInMemory;
  readonly post: PostSignIn;
}

/** Sign-in and sign-up, with the code of a mail where one is needed. */
export function EntryView({ kind, tenant, notice, lead, redirect, tickets, ...deps }: EntryViewProps) {
  const { api, memory } = deps;
  const offered = useOptions(() => api.getOptions(tenant));
  const carried = useMemo(() => (kind === 'sign-in' ? memory.takeAddress() : undefined), []);
  const address = useSignal(carried);
  const isAddressGiven = useSignal(carried !== undefined);
  const waiting = useSignal<WaitingMail | undefined>(undefined);
  /** Credentials whose password has to be replaced. */
  const replaced = useSignal<Credentials | undefined>(undefined);
  const wait = (mail: WaitingMail, seconds: number): void => {
    const app = redirect === undefined ? {} : { app: redirect.origin };
    const { purpose, email, ticket } = mail;
    tickets.save(purpose, { ticket, email, tenant, ...app, until: epochMs() + seconds * 1_000 });
    waiting.value = mail;
  };
  const actions = createEntryActions({ ...deps, tenant, wait });
  const signUp = async (who: Credentials): Promise<void> => {
    try {
      await actions.signUp(who);
    } catch (error) {
      if (!(error instanceof Failure && error.code === 'identifier_taken')) throw error;
      memory.carryAddress(who.email);
      location.assign(redirect === undefined ? pageUrl(pagePaths.signIn, tenant) : pagePaths.signIn + redirect.search);
    }
  };
  const signIn = async (who: Credentials): Promise<void> => {
    try {
      await actions.signIn(who);
    } catch (error) {
      if (!(error instanceof Failure && error.code === 'password_change_required')) throw error;
      replaced.value = who;
    }
  };
  const mail = waiting.value;
  if (mail !== undefined) {
    const isSignIn = mail.purpose === 'sign_in';
    return (
      <MailSentCard
        email={mail.email}
        lead={isSignIn ? words().mail.signInLead : words().mail.verifyLead}
        submit={isSignIn ? words().entry.signIn : words().mail.verifyAndSignIn}
        submitting={words().mail.checking}
        send={(code) => actions.sendCode(mail, code).then(() => tickets.remove(mail.purpose))}
        resend={() => actions.resend(mail)}
        back={() => {
          waiting.value = undefined;
        }}
      />
    );
  }
  const card = { notice, lead, request: redirect?.search };
  if (kind === 'sign-up') return <SignUpCard {...card} minLength={offered?.password_min_length} send={signUp} />;
  const old = replaced.value;
  if (old !== undefined)
    return (
      <ReplacePasswordCard
        {...card}
        email={old.email}
        minLength={offered?.password_min_length}
        send={(next) => actions.replacePassword(old, next)}
      />
    );
  const email = address.value;
  if (email === undefined || !isAddressGiven.value)
    return (
      <AddressCard
        {...card}
        initial={email}
        hasSignUp={offered?.registration_open !== false}
        onAddress={(given) => {
          address.value = given;
          isAddressGiven.value = true;
        }}
      />
    );
  return (
    <WaysCard
      {...card}
      notice={email === carried ? words().entry.taken : notice}
      email={email}
      lastWay={memory.lastWay(tenant)}
      mailCode={offered?.email_sign_in === true ? () => actions.mailCode(email) : undefined}
      signIn={(password) => signIn({ email, password })}
      onForgot={offered?.mail_available === true ? () => memory.carryAddress(email) : undefined}
      back={() => {
        isAddressGiven.value = false;
      }}
    />
  );
}
