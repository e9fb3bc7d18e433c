import type { RevocationEntry } from '@latchkey/contract';
import { expect } from 'chai';
import { createPagedDownload } from '../../src/client/paged-download.ts';

describe('createPagedDownload', () => {
  it('accepts a list of any length in one page, as a service without pages sends it', () => {
    const one: RevocationEntry = { seq: 1, sid: 's', reason: 'logout', keep_in: 1 };
    const entries = Array<RevocationEntry>(300_000).fill(one);
    const whole = createPagedDownload().add({ feed: { kind: 'snapshot', epoch: 'e1', seq: 1, entries } });
    expect(whole?.feed.entries).to.have.length(300_000);
  });
});
