import { createTransactions, TransactionCoreClass } from '@latchkey/sdk-server/transaction';
import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { expect } from 'chai';
import { createApiStage } from '../sdk-server/test/api/api-stage.ts';
import { newKey } from '../test-kit/client/plain-client.ts';
import { type PlantedService, plantService } from './troubleshooting/planted-service.ts';

describe('traces with an SDK of OpenTelemetry', function () {
  this.timeout(60_000);
  const exporter = new InMemorySpanExporter();
  const spans = (name: string) => exporter.getFinishedSpans().filter((span) => span.name === name);

  before(() => {
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  });
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
    exporter.reset();
  });
  after(() => {
    trace.disable();
    context.disable();
  });

  describe('the service', () => {
    let service: PlantedService;
    before(async () => {
      service = await plantService();
    });
    after(() => service.end());

    it('has spans of a login and of each exchange, and a batch of rotations is linked to its requests', async () => {
      await service.client.register('ann@example.test', 'correct horse battery');
      const login = await service.client.login('ann@example.test', 'correct horse battery');
      const socket = await service.client.connect();
      const first = await socket.authenticate({ ...login, rotation_key: newKey() });
      if (first.event !== 'authenticated') throw new Error(first.payload.code);
      const second = await service.client.connect();
      await second.authenticate({ token: first.payload.token, rotation_key: newKey() });
      expect(spans('latchkey.login')).to.have.length(1);
      const exchanges = spans('latchkey.exchange');
      expect(exchanges).to.have.length(2);
      const [batch] = spans('latchkey.rotation_batch');
      expect(batch!.attributes).to.deep.equal({ 'db.operation.batch.size': 1 });
      expect(batch!.links.map((link) => link.context.spanId)).to.deep.equal([exchanges[1]!.spanContext().spanId]);
    });

    it('says the code of a refusal, which is no error of the service', async () => {
      await service.client.login('unknown@example.test', 'a wrong password').catch(() => undefined);
      const [refused] = spans('latchkey.login');
      expect(refused!.attributes).to.deep.equal({ 'error.type': 'invalid_credentials' });
      expect(refused!.status.code).to.equal(SpanStatusCode.UNSET);
    });

    it('has no credential in any span', async () => {
      const login = await service.client.register('bob@example.test', 'correct horse battery');
      const texts = exporter.getFinishedSpans().map(({ attributes, name }) => JSON.stringify({ attributes, name }));
      expect(texts).to.not.deep.equal([]);
      for (const text of texts) expect(text).to.not.contain(login.code).and.to.not.contain('bob@');
    });
  });

  it('a call of a backend is the parent of its transaction, and an error of the handler is one of the span', async () => {
    const none = { begin: async () => {}, commit: async () => {}, rollback: async () => {} };
    class Transaction extends TransactionCoreClass {}
    const { run } = createTransactions({
      TransactionImplementationClass: class extends Transaction {
        constructor(parent: Transaction | undefined, options: object) {
          super(parent, none as never, options);
        }
      },
    });
    const stage = await createApiStage();
    ends.push(stage.end);
    stage.api.on('pay', () => run(async () => 'paid'));
    stage.api.on('fail', () => {
      throw new TypeError('a mistake');
    });
    const client = await stage.stage.member('s1');
    await client.ask('api', 'pay', {});
    await client.ask('api', 'fail', {});
    const [call] = spans('api/pay');
    expect(call!.attributes).to.deep.equal({ 'rpc.system': 'latchkey', 'rpc.service': 'api', 'rpc.method': 'pay' });
    const [transaction] = spans('latchkey.transaction');
    expect(transaction!.parentSpanContext?.spanId).to.equal(call!.spanContext().spanId);
    expect(spans('api/fail')[0]!.status.code).to.equal(SpanStatusCode.ERROR);
  });
});
