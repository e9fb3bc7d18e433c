import { createServer } from 'node:http';
import { expect } from 'chai';
import { listen, portOf } from '../../test-kit/listen.ts';
import { startService } from '../../test-kit/node/service-process.ts';

describe('troubleshooting: the start of the service', function () {
  this.timeout(60_000);

  it('prints the operator link only once the port is held', async () => {
    const other = createServer();
    await listen(other);
    const port = portOf(other);
    const service = await startService({ port });
    expect(await service.exited()).to.equal(1);
    expect(service.log()).to.include(`PORT: ${port} on 127.0.0.1 is taken`).and.not.to.include('#operator=');
    other.close();
    const next = await startService({ port });
    await next.ready();
    expect(next.log()).to.include('#operator=');
    await next.stop();
  });
});
