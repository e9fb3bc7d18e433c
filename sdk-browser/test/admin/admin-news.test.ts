import { EventEmitter } from 'node:events';
import { type Ack, type AdminSubscribed, errors } from '@latchkey/contract';
import { expect } from 'chai';
import { followNews } from '../../src/admin/admin-news.ts';
import { fail } from '../../src/fail.ts';
import { createFakeTimers } from '../harness/fake-timers.ts';

type Needs = Parameters<typeof followNews>[0];

const settled = () => new Promise((resolve) => setImmediate(resolve));
const refusal = (code: 'forbidden' | 'unauthenticated' | 'rate_limited') => ({
  ok: false as const,
  error: { code, message: errors[code].sentence, retryable: code === 'rate_limited' },
});

/** Follows over a socket whose answers the test gives. */
async function follow({ answers = [] as Ack<AdminSubscribed>[], hear = (_line: string) => {} } = {}) {
  const timers = createFakeTimers();
  const events = new EventEmitter();
  const incoming = new EventEmitter();
  const shown: string[] = [];
  const heard: string[] = [];
  let tokens = 0;
  let held: string | undefined;
  const conversation: { liveSid: string | undefined } = { liveSid: 's' };
  const socket = Object.assign(incoming, {
    id: 'one',
    timeout: () => ({
      emit(_event: string, { access_token }: { access_token: string }, settle: (error: null, answer: unknown) => void) {
        shown.push(access_token);
        settle(null, answers.shift() ?? { ok: true, data: { expires_in: 300 } });
      },
    }),
  });
  const token = {
    drop: () => {
      held = undefined;
    },
    fresh: async () => {
      if (conversation.liveSid === undefined) throw fail('unavailable');
      held ??= `token ${++tokens}`;
      return held;
    },
  };
  const send = (emit: () => void): boolean => {
    emit();
    return true;
  };
  const link = { socket, send };
  const on = (name: string, listener: () => void) => {
    events.on(name, listener);
    return () => events.off(name, listener);
  };
  const needs = { timers, link, conversation, token, events: { on }, random: () => 0.5 } as unknown as Needs;
  const note = (line: string): void => {
    heard.push(line);
    hear(line);
  };
  const leave = followNews(needs, {
    begun: () => note('begun'),
    told: ({ news }) => note(`told ${news.length}`),
    refused: ({ code }) => note(`refused ${code}`),
  });
  await settled();
  return {
    ...{ timers, socket, conversation, shown, heard, leave },
    authenticate: async (connection: string) => {
      socket.id = connection;
      events.emit('authenticated');
      await settled();
    },
    advance: async (ms: number) => {
      timers.advance(ms);
      await settled();
    },
  };
}

describe('followNews', () => {
  it('begins at once, and tells what comes', async () => {
    const { heard, socket } = await follow();
    socket.emit('admin_news', { news: [{}, {}], more: false });
    expect(heard).to.deep.equal(['begun', 'told 2']);
  });

  it('goes on when the page throws, whose error is reported', async () => {
    const reported: unknown[] = [];
    Object.assign(globalThis, { reportError: (error: Error) => reported.push(error.message) });
    try {
      const { heard, socket, advance, shown } = await follow({
        hear: (line) => {
          throw new Error(line);
        },
      });
      socket.emit('admin_news', { news: [{}], more: false });
      await advance(240_000);
      expect([heard, reported]).to.deep.equal([
        ['begun', 'told 1'],
        ['begun', 'told 1'],
      ]);
      expect(shown).to.have.length(2);
    } finally {
      Reflect.deleteProperty(globalThis, 'reportError');
    }
  });

  it('goes on with the next token before the first ends, without a gap', async () => {
    const { heard, shown, advance } = await follow();
    await advance(240_000);
    expect(shown).to.deep.equal(['token 1', 'token 2']);
    expect(heard).to.deep.equal(['begun']);
  });

  it('begins anew on another connection, and not at a rotation on the same one', async () => {
    const { heard, authenticate } = await follow();
    await authenticate('one');
    expect(heard).to.deep.equal(['begun']);
    await authenticate('two');
    expect(heard).to.deep.equal(['begun', 'begun']);
  });

  it('tries again what may pass, and a token that ended on its way with another one', async () => {
    const { heard, shown, advance } = await follow({ answers: [refusal('rate_limited'), refusal('unauthenticated')] });
    expect(heard).to.deep.equal([]);
    await advance(10_000);
    await advance(10_000);
    expect(shown).to.deep.equal(['token 1', 'token 1', 'token 2']);
    expect(heard).to.deep.equal(['begun']);
  });

  it('ends with what is final, at first or later', async () => {
    const first = await follow({ answers: [refusal('forbidden')] });
    expect(first.heard).to.deep.equal(['refused forbidden']);
    const later = await follow();
    later.socket.emit('admin_unsubscribed', refusal('forbidden').error);
    await later.authenticate('two');
    expect(later.heard).to.deep.equal(['begun', 'refused forbidden']);
    expect(later.timers.pending).to.equal(0);
  });

  it('is silent and holds nothing once it was left', async () => {
    const { heard, socket, timers, leave, authenticate } = await follow();
    leave();
    socket.emit('admin_news', { news: [{}], more: false });
    await authenticate('two');
    expect([heard, timers.pending, socket.listenerCount('admin_news')]).to.deep.equal([['begun'], 0, 0]);
  });
});
