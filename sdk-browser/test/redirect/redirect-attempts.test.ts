import { expect } from 'chai';
import { createRedirectAttempts } from '../../src/redirect/redirect-attempts.ts';
import { createMemoryStorage } from '../../src/tokens/storage-adapter.ts';

describe('createRedirectAttempts', () => {
  const prefix = 'latchkey:id.test:redirect:';
  const attempt = (until: number) => ({ verifier: 'v', rotationKey: 'k', until });
  let now = 0;
  const open = (storage = createMemoryStorage()) => ({
    storage,
    attempts: createRedirectAttempts(storage, prefix, () => now),
  });
  beforeEach(() => {
    now = 1_000;
  });

  it('stores an attempt with the state of the app under its own state', () => {
    const { attempts } = open();
    attempts.save('s', { ...attempt(2_000), appState: { back: '/x' } });
    expect(attempts.find('s')).to.deep.include({ verifier: 'v', rotationKey: 'k', appState: { back: '/x' } });
    expect(attempts.find('S')).to.equal(undefined);
    attempts.remove('s');
    expect(attempts.find('s')).to.equal(undefined);
  });

  it('removes an expired attempt', () => {
    const { attempts, storage } = open();
    attempts.save('s', attempt(2_000));
    now = 2_000;
    expect(attempts.find('s')).to.equal(undefined);
    expect(storage.length).to.equal(0);
  });

  it('keeps five attempts and removes the oldest', () => {
    const { attempts, storage } = open();
    for (const until of [2_003, 2_001, 2_002, 2_004, 2_005, 2_006]) attempts.save(`s${until}`, attempt(until));
    expect(storage.length).to.equal(5);
    expect(attempts.find('s2001')).to.equal(undefined);
    expect(attempts.find('s2002')).to.not.equal(undefined);
    attempts.save('s2006', { ...attempt(2_006), code: 'c' });
    expect(storage.length).to.equal(5);
  });

  it('finds the attempt with a returned code', () => {
    const { attempts } = open();
    attempts.save('one', attempt(2_000));
    expect(attempts.findReturned()).to.equal(undefined);
    attempts.save('two', { ...attempt(2_000), code: 'c' });
    expect(attempts.findReturned()?.[0]).to.equal('two');
  });

  for (const text of [
    '',
    'null',
    '{}',
    '[1]',
    '{"verifier":1,"rotationKey":"k","until":9999}',
    '{"verifier":"v","rotationKey":"k"}',
  ])
    it(`rejects ${text || 'nothing'} as an attempt, and keeps other entries`, () => {
      const { attempts, storage } = open();
      storage.setItem(`${prefix}s`, text);
      storage.setItem('the app’s own', 'x');
      expect(attempts.find('s')).to.equal(undefined);
      attempts.save('t', attempt(2_000));
      expect(attempts.findReturned()).to.equal(undefined);
      expect(storage.getItem('the app’s own')).to.equal('x');
    });
});
