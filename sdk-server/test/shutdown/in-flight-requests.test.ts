import { once } from 'node:events';
import { Agent, createServer, request, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import { listen, portOf } from '../../../test-kit/listen.ts';
import { waitFor } from '../../../test-kit/wait-for.ts';
import { createInFlightRequests } from '../../src/shutdown/in-flight-requests.ts';
import { createShutdown } from '../../src/shutdown/shutdown.ts';

describe('createInFlightRequests', () => {
  it('counts no request whose client disconnected before its guard ran', async () => {
    const stop = createShutdown({ clock: createSystemClock() });
    const { track } = createInFlightRequests(stop);
    const server = createServer();
    await listen(server);
    const arrived = once(server, 'request');
    const client = request({ host: '127.0.0.1', port: portOf(server) });
    client.on('error', () => {});
    client.end();
    const [, response] = await arrived;
    const closed = once(response, 'close');
    client.destroy();
    await closed;
    track(response);
    expect(stop.activitiesInProgress()).to.deep.equal({});
    server.close();
  });

  it('counts a request that passes two guards once, and each request of a connection', async () => {
    const stop = createShutdown({ clock: createSystemClock() });
    const { track } = createInFlightRequests(stop);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const server = createServer((_request, response) => {
      track(response);
      track(response);
      response.end(JSON.stringify(stop.activitiesInProgress()));
    });
    await listen(server);
    const get = async () => {
      const [answer] = await once(request({ host: '127.0.0.1', port: portOf(server), agent }).end(), 'response');
      return (await answer.toArray()).join('');
    };
    expect([await get(), await get()]).to.deep.equal(['{"HTTP GET":1}', '{"HTTP GET":1}']);
    agent.destroy();
    server.close();
  });

  it('counts a request that was pipelined behind another one until its response is closed', async () => {
    const stop = createShutdown({ clock: createSystemClock() });
    const { track } = createInFlightRequests(stop);
    const responses: ServerResponse[] = [];
    const server = createServer((_request, response) => {
      track(response);
      responses.push(response);
    });
    await listen(server);
    const client = connect(portOf(server), '127.0.0.1');
    client.write('GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n');
    await waitFor(() => responses.length === 2);
    const [first, second] = responses;
    expect(stop.activitiesInProgress()).to.deep.equal({ 'HTTP GET': 2 });
    first?.end();
    await waitFor(() => first?.closed === true);
    expect(stop.activitiesInProgress()).to.deep.equal({ 'HTTP GET': 1 });
    second?.end();
    await waitFor(() => second?.closed === true);
    expect(stop.activitiesInProgress()).to.deep.equal({});
    client.destroy();
    server.close();
  });
});
