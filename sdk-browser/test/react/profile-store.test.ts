import type { CurrentUser } from '@latchkey/contract';
import { expect } from 'chai';
import { waitFor } from '../../../test-kit/wait-for.ts';
import { getAccount } from '../../src/account/index.ts';
import { createSession, type Session } from '../../src/index.ts';
import { createProfileStore, type ProfileStore } from '../../src/react/profile-store.ts';
import { createStore } from '../../src/react/store.ts';
import { createMemoryStorage } from '../../src/tokens/storage-adapter.ts';
import { type Service, startService } from '../harness/service.ts';

const ada = { email: 'ada@example.com', password: 'correct horse' };

describe('createProfileStore', () => {
  let service: Service;
  let session: Session;
  let profiles: ProfileStore;
  let unmount: () => void;
  let reads: number;
  let email: string;
  const seen = () => {
    const { profile, error, isLoading } = profiles.state();
    return [profile?.email, error?.code, isLoading];
  };

  beforeEach(async () => {
    service = await startService();
    reads = 0;
    email = ada.email;
    service.answers.set('/me', () => {
      reads += 1;
      return [200, { id: 'u1', email } as CurrentUser];
    });
    session = createSession({ url: service.url, storage: createMemoryStorage(), random: () => 0.1 });
    const store = createStore(session, { isOwned: false });
    profiles = createProfileStore(store);
    expect(seen(), 'before the storage is read').to.deep.equal([undefined, undefined, true]);
    unmount = store.mount();
  });
  afterEach(async () => {
    unmount();
    session.close();
    await service.stop();
  });

  it('reads the profile once for all subscribers, and has none after the sign-out', async () => {
    const leave = [profiles.subscribe(() => {}), profiles.subscribe(() => {})];
    expect(seen()).to.deep.equal([undefined, undefined, false]);
    await session.login(ada);
    await waitFor(() => profiles.state().profile !== undefined);
    expect([...seen(), reads]).to.deep.equal([ada.email, undefined, false, 1]);
    await session.logout();
    expect(seen()).to.deep.equal([undefined, undefined, false]);
    for (const one of leave) one();
  });

  it('reads it again when asked, and keeps it when that fails', async () => {
    await session.login(ada);
    const leave = profiles.subscribe(() => {});
    await waitFor(() => profiles.state().profile !== undefined);
    email = 'new@example.com';
    await profiles.refresh();
    expect(seen()).to.deep.equal([email, undefined, false]);
    service.answers.set('/me', () => 'rate_limited');
    await profiles.refresh();
    expect(seen()).to.deep.equal([email, 'rate_limited', false]);
    leave();
  });

  it('has what other code reads, and does not read again at a reconnect', async () => {
    await session.login(ada);
    const leave = profiles.subscribe(() => {});
    await waitFor(() => profiles.state().profile !== undefined);
    email = 'new@example.com';
    await getAccount(session).profile();
    expect([...seen(), reads]).to.deep.equal([email, undefined, false, 2]);
    service.io.disconnectSockets(true);
    await waitFor(() => session.generation === 2);
    expect(reads).to.equal(2);
    leave();
  });

  it('reads it again when the claims of the user change', async () => {
    await session.login(ada);
    const leave = profiles.subscribe(() => {});
    await waitFor(() => profiles.state().profile !== undefined);
    service.claims = { name: 'Ada Lovelace' };
    service.io.disconnectSockets(true);
    await waitFor(() => reads === 2);
    leave();
  });
});
