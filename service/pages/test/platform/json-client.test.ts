import { expect } from 'chai';
import { responseToFailure } from '../../src/platform/json-client.ts';

describe('toFailure', () => {
  it('reads a problem of the contract', async () => {
    const errors = [{ path: 'new_password', message: 'Too long.' }];
    const failure = await responseToFailure(
      Response.json({ code: 'rate_limited', retry_after_ms: 900, errors }, { status: 429 }),
    );
    expect(failure).to.deep.include({ code: 'rate_limited', retryAfterMs: 900, details: errors });
  });

  it('returns a failure for an answer that is no problem', async () => {
    expect(await responseToFailure(new Response('<h1>Bad gateway</h1>', { status: 502 }))).to.include({
      code: 'unavailable',
    });
    expect(await responseToFailure(new Response('', { status: 404 }))).to.include({ code: 'internal_error' });
  });
});
