import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import { grantOf } from '../../../core/test/socket/scripted-authority.ts';
import { clusterOf } from '../cluster-adapter.ts';
import { type ApiStage, createApiStage } from './api-stage.ts';

describe('a call’s broadcast on two nodes of one app', () => {
  let nodes: ApiStage[];
  beforeEach(async () => {
    const adapter = clusterOf(new EventEmitter());
    nodes = [await createApiStage(), await createApiStage()];
    for (const { stage } of nodes) stage.io.adapter(adapter);
  });
  afterEach(() => Promise.all(nodes.map((node) => node.end())));

  async function member(node: number, sid: string, tenantId: string) {
    const { stage } = nodes[node]!;
    stage.authority.script.exchange = () => grantOf(sid, { tenantId, userId: `user of ${sid}` });
    return stage.member(sid);
  }

  it('reaches the sockets of the tenant on both nodes, and the caller and other tenants only on request', async () => {
    nodes[0]!.api.on('tell', (_params, call) => {
      call.emit('to_me', 1);
      call.broadcast('to_others', 2);
      call.broadcastAll('to_tenant', 3);
      call.broadcast('to_all_others', 4, { allTenants: true });
      call.broadcastAll('to_all', 5, { allTenants: true });
    });
    const caller = await member(0, 's1', 'a');
    const tab = await member(1, 's1', 'a');
    const [near, far] = [await member(0, 's2', 'a'), await member(1, 's3', 'a')];
    const foreign = await member(1, 's4', 'b');
    const stranger = await nodes[1]!.stage.client();
    const everybody = [caller, tab, near, far, foreign, stranger];
    expect(await caller.ask('api', 'tell')).to.deep.equal({ ok: true, data: null });
    await Promise.all(everybody.slice(0, -1).map((one) => one.take('to_all')));
    await nodes[1]!.stage.settle();
    const told = everybody.map(({ seen }) => seen.map(({ event }) => event).filter((event) => event.startsWith('to_')));
    expect(told).to.deep.equal([
      ['to_me', 'to_tenant', 'to_all'],
      ['to_others', 'to_tenant', 'to_all_others', 'to_all'],
      ['to_others', 'to_tenant', 'to_all_others', 'to_all'],
      ['to_others', 'to_tenant', 'to_all_others', 'to_all'],
      ['to_all_others', 'to_all'],
      [],
    ]);
  });
});
