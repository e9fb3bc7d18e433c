import { Failure } from '@latchkey/contract';
import { expect } from 'chai';
import sinon from 'sinon';
import {
  type ConnectionProblemHandlerDeps,
  createConnectionProblemHandler,
} from '../../src/session/connection-problem-handler.ts';

describe('createConnectionProblemHandler', () => {
  it('refuses a pending code after three answers internal_error over HTTP', async () => {
    const codeRejected = sinon.spy();
    const postJson = sinon.fake(() => Promise.reject(new Failure('internal_error')));
    const obstruct = createConnectionProblemHandler({
      url: 'https://id.test',
      http: { postJson },
      warnOnce: () => {},
      codeExchange: { pending: { code: 'c', code_verifier: 'v', rotation_key: 'k' } },
      codeRejected,
    } as unknown as ConnectionProblemHandlerDeps);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(codeRejected.callCount).to.equal(0);
      obstruct({ reason: 'no_websocket', isFinal: false });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(postJson.callCount).to.equal(3);
    expect(codeRejected.firstCall.args[0]).to.include({ code: 'internal_error' });
  });
});
