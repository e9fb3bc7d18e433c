import { createHash } from 'node:crypto';
import { Failure } from '@latchkey/contract';
import { expect } from 'chai';
import { createSession, type Session, type SessionOptions, type TokenStorage } from '../../src/index.ts';
import type { BrowserPage } from '../../src/platform/page.ts';
import { handleRedirect, signInWithRedirect } from '../../src/redirect/index.ts';
import { createMemoryStorage } from '../../src/tokens/storage-adapter.ts';
import { type Service, startService } from '../harness/service.ts';

const ada = { email: 'ada@example.com', password: 'correct horse' };
const appUrl = 'https://app.test/in';

/** A tab, without a browser. */
function createPage() {
  const page = {
    url: `${appUrl}?from=mail#top`,
    storage: createMemoryStorage(),
    time: 1_000_000,
    went: [] as string[],
    navigate: (address: string) => void page.went.push(address),
    replaceUrl: (address: string) => {
      page.url = address;
    },
    now: () => page.time,
  };
  return page satisfies BrowserPage;
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const cause = await work.then(
    () => undefined,
    (why: unknown) => why,
  );
  expect(cause).to.be.instanceOf(Failure);
  return cause as Failure;
}

describe('handleRedirect', () => {
  let service: Service;
  let storage: TokenStorage;
  let page: ReturnType<typeof createPage>;
  let sessions: Session[] = [];

  const open = (options: Partial<SessionOptions> = {}): Session => {
    const session = createSession({ url: service.url, storage, random: () => 0.1, ...options });
    sessions.push(session);
    return session;
  };
  beforeEach(async () => {
    service = await startService();
    storage = createMemoryStorage();
    page = createPage();
  });
  afterEach(async () => {
    for (const session of sessions) session.close();
    sessions = [];
    await service.stop();
  });

  /** What the service's page does: a code for what the app asked for. */
  async function enter(address = page.went.at(-1)): Promise<{ code: string; state: string; iss: string }> {
    const { searchParams } = new URL(address ?? '');
    const { code_challenge, dpop_jkt, state } = Object.fromEntries(searchParams) as Record<string, string>;
    const answer = await fetch(`${service.url}/login`, {
      method: 'POST',
      body: JSON.stringify({ ...ada, code_challenge, code_challenge_method: 'S256', dpop_jkt }),
    });
    return { code: ((await answer.json()) as { code: string }).code, state: state ?? '', iss: service.url };
  }
  async function leaveAndReturn(session: Session, input = {}): Promise<{ code: string; state: string; iss: string }> {
    await signInWithRedirect(session, input, page);
    const answer = await enter();
    page.url = `${appUrl}#${new URLSearchParams(answer)}`;
    return answer;
  }

  it('navigates to the sign-in page with the parameters of the service, and without a secret', async () => {
    await signInWithRedirect(open({ tenant: 'blue' }), { state: { back: '/x' }, scope: 'a:read' }, page);
    const { origin, pathname, searchParams, hash } = new URL(page.went[0] ?? '');
    expect([origin, pathname, hash]).to.deep.equal([service.url, '/signin', '']);
    const asked = Object.fromEntries(searchParams);
    expect(asked).to.include({ app: appUrl, code_challenge_method: 'S256', tenant: 'blue', scope: 'a:read' });
    const kept = JSON.parse(page.storage.getItem(page.storage.key(0) ?? '') ?? '');
    expect(asked.code_challenge).to.equal(createHash('sha256').update(kept.verifier).digest('base64url'));
    expect(page.storage.key(0)).to.contain(asked.state);
    expect(page.went[0]).to.not.contain(kept.verifier).and.not.contain(kept.rotationKey).and.not.contain('back');
    expect(storage.length).to.equal(0);
  });

  it('signs in with the code, returns the state of the app, and keeps no entry', async () => {
    const session = open();
    const { code } = await leaveAndReturn(session, { state: { back: '/x' }, app: appUrl });
    page.url += '&part=2';
    const done = handleRedirect(session, page);
    expect(page.url, 'cleaned at once').to.equal(`${appUrl}#part=2`);
    const outcome = await done;
    expect(outcome?.state).to.deep.equal({ back: '/x' });
    expect(outcome?.user).to.include({ id: 'u1' });
    expect(session.state).to.include({ status: 'active', generation: 1 });
    expect(service.shown[0]).to.include({ code });
    expect(page.storage.length).to.equal(0);
    expect(await handleRedirect(session, page)).to.equal(undefined);
  });

  it('does nothing for an address without a callback', async () => {
    const session = open();
    expect(await handleRedirect(session, page)).to.equal(undefined);
    expect(page.url).to.equal(`${appUrl}?from=mail#top`);
    expect(session.state.status).to.equal('signed_out');
    expect(await handleRedirect(session, undefined)).to.equal(undefined);
  });

  it('returns the same promise when called twice', async () => {
    const session = open();
    await leaveAndReturn(session);
    const [one, two] = [handleRedirect(session, page), handleRedirect(session, page)];
    expect(two).to.equal(one);
    await Promise.all([one, two, session.connect()]);
    expect(service.shown).to.have.length(1);
  });

  it('rejects an unknown state, removes it from the address, and keeps the present session', async () => {
    const session = open();
    await session.login(ada);
    const { sessionId } = session;
    const { code } = await leaveAndReturn(session);
    page.url = `${appUrl}#${new URLSearchParams({ code, state: 'unknown', iss: service.url })}`;
    expect((await failureOf(handleRedirect(session, page))).code).to.equal('code_invalid');
    expect(page.url).to.equal(appUrl);
    expect(session.state).to.include({ status: 'active', sessionId });
    expect(service.shown).to.have.length(1);
  });

  for (const [what, iss] of [
    ['of another issuer', 'https://other.example'],
    ['without an issuer', undefined],
    ['of an issuer with a path', '/'],
  ] as const)
    it(`refuses an answer ${what}, and accepts the one of its service afterwards`, async () => {
      const session = open();
      const { iss: issuer, ...answer } = await leaveAndReturn(session);
      const given = iss === undefined ? answer : { ...answer, iss: iss === '/' ? `${issuer}/` : iss };
      page.url = `${appUrl}#${new URLSearchParams(given)}`;
      expect((await failureOf(handleRedirect(session, page))).code).to.equal('code_invalid');
      expect([page.url, service.shown.length]).to.deep.equal([appUrl, 0]);
      page.url = `${appUrl}#${new URLSearchParams({ ...answer, iss: issuer })}`;
      expect((await handleRedirect(session, page))?.user).to.include({ id: 'u1' });
    });

  it('refuses a second callback with the same state', async () => {
    const session = open();
    await leaveAndReturn(session);
    const { url } = page;
    await handleRedirect(session, page);
    page.url = url;
    expect((await failureOf(handleRedirect(session, page))).code).to.equal('code_invalid');
    expect(session.state).to.include({ status: 'active', generation: 1 });
    expect(service.shown).to.have.length(1);
  });

  it('refuses another code for a state that was already returned', async () => {
    const session = open();
    const { state } = await leaveAndReturn(session);
    const done = handleRedirect(session, page);
    const other = open({ storage: createMemoryStorage() });
    page.url = `${appUrl}#${new URLSearchParams({ code: 'another', state, iss: service.url })}`;
    expect((await failureOf(handleRedirect(other, page))).code).to.equal('code_invalid');
    await done;
    expect(service.shown).to.have.length(1);
  });

  it('rejects an attempt that is older than ten minutes', async () => {
    const session = open();
    await leaveAndReturn(session);
    page.time += 600_000;
    expect((await failureOf(handleRedirect(session, page))).code).to.equal('code_invalid');
    expect(page.storage.length).to.equal(0);
  });

  for (const moment of ['lose-request', 'lose-answer'] as const)
    it(`resumes after a reload (${moment})`, async () => {
      const session = open();
      const { code } = await leaveAndReturn(session, { state: 7 });
      service.faults.push(moment);
      const gone = handleRedirect(session, page).catch((cause: Failure) => cause.code);
      while (service.shown.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      session.close();
      expect(await gone).to.equal('unavailable');
      const again = open();
      expect(page.url).to.equal(appUrl);
      expect(await handleRedirect(again, page)).to.deep.include({ state: 7 });
      expect(again.state).to.include({ status: 'active', generation: 1 });
      const [first, second] = service.shown as unknown as Record<string, string>[];
      expect(second).to.include({ code, rotation_key: first?.rotation_key, code_verifier: first?.code_verifier });
    });

  it('removes the attempt when the service refuses its code', async () => {
    const session = open();
    await leaveAndReturn(session);
    service.faults.push({ refuse: 'code_expired' });
    expect((await failureOf(handleRedirect(session, page))).code).to.equal('code_expired');
    expect(page.storage.length).to.equal(0);
    expect(session.state.status).to.equal('signed_out');
  });

  it('ignores a code that was returned a minute ago', async () => {
    const session = open();
    await leaveAndReturn(session);
    session.close();
    await failureOf(Promise.race([handleRedirect(session, page), Promise.reject(new Failure('busy'))]));
    page.time += 60_000;
    expect(await handleRedirect(open(), page)).to.equal(undefined);
  });

  it('rejects with the error that was returned instead of a code', async () => {
    const session = open();
    const { state } = await leaveAndReturn(session);
    page.url = `${appUrl}#${new URLSearchParams({ error: 'forbidden', state, iss: service.url })}`;
    expect((await failureOf(handleRedirect(session, page))).code).to.equal('forbidden');
    expect(page.url).to.equal(appUrl);
    expect(page.storage.length).to.equal(0);
  });

  it('replaces the present session, and ends it', async () => {
    const session = open();
    await session.login(ada);
    const { sessionId = '' } = session;
    await leaveAndReturn(session);
    await handleRedirect(session, page);
    expect(session.sessionId).to.not.equal(sessionId);
    while (service.rows.get(sessionId)?.revoked === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('rejects with TypeError without sessionStorage', async () => {
    const cause = await signInWithRedirect(open(), {}, undefined).catch((why: unknown) => why);
    expect(cause).to.be.instanceOf(TypeError);
  });
});
