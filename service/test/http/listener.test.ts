import { createServer } from 'node:http';
import { expect } from 'chai';
import { listen, portOf } from '../../../test-kit/listen.ts';
import { ConfigError } from '../../src/config/env.ts';
import { createHttpListener } from '../../src/http/listener.ts';

describe('createHttpListener', () => {
  it('rejects with one sentence that names PORT when another process listens on it', async () => {
    const other = createServer();
    await listen(other);
    const port = portOf(other);
    const refused = await Promise.resolve(
      createHttpListener(createServer(), { port, host: '127.0.0.1' }).start?.(),
    ).catch((error: unknown) => error);
    other.close();
    expect(refused).to.be.instanceOf(ConfigError);
    expect((refused as Error).message).to.match(new RegExp(`^PORT: ${port} on 127\\.0\\.0\\.1 is taken[^\\n]*\\.$`));
  });

  it('rejects with a message that names LATCHKEY_HOST when the address is of another machine', async () => {
    const listener = createHttpListener(createServer(), { port: 0, host: '192.0.2.1' });
    const refused = await Promise.resolve(listener.start?.()).catch((error: unknown) => error);
    expect((refused as Error).message).to.equal('LATCHKEY_HOST: 192.0.2.1 is no address of this machine.');
  });
});
