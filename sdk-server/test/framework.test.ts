import { createServer, type RequestListener } from 'node:http';
import { mountBrowserProtocol } from '@latchkey/core';
import { detectFramework } from '@latchkey/core/internal';
import { expect } from 'chai';
import express from 'express';
import fastify from 'fastify';
import Koa from 'koa';
import { Server } from 'socket.io';
import { listen, portOf } from '../../test-kit/listen.ts';
import { createLatchkey, createSystemClock, type Latchkey } from '../src/index.ts';
import { createChanges } from '../src/transaction/index.ts';

const options = { url: 'http://127.0.0.1:9', backendId: 'b', backendSecret: 's' };

/** Values that are of another framework, and what the error calls them. */
const foreign: Readonly<Record<string, { readonly value: () => unknown; readonly name: string }>> = {
  express: { value: () => express(), name: 'an Express app' },
  koa: { value: () => new Koa(), name: 'a Koa app' },
  fastify: { value: () => fastify(), name: 'a Fastify instance, whose HTTP server is `fastify.server`' },
  port: { value: () => 3_000, name: 'of type number' },
  nothing: { value: () => undefined, name: 'of type undefined' },
};

describe('a function that takes an object of a framework', () => {
  let latchkey: Latchkey;
  beforeEach(() => {
    latchkey = createLatchkey(options);
  });
  afterEach(() => latchkey.close());

  it('throws a TypeError that names both for anything but an HTTP server or a Socket.IO server', () => {
    const http = createServer();
    const io = new Server(http);
    const values = { ...foreign, 'Socket.IO': { value: () => io, name: 'a Socket.IO server' } };
    for (const [kind, { value, name }] of Object.entries(values)) {
      const serve = () => latchkey.socketServe(value() as never, { origins: [] });
      expect(serve, kind)
        .to.throw(TypeError, `socketServe takes a server of node:http`)
        .with.property('message')
        .that.includes(name);
    }
    for (const [kind, { value, name }] of Object.entries({
      ...foreign,
      http: { value: () => http, name: 'a server of Node' },
    })) {
      const create = () => latchkey.apiRouter(value() as never, 'api');
      expect(create, kind)
        .to.throw(TypeError, 'apiRouter takes the Server of socket.io')
        .with.property('message')
        .that.includes(name);
    }
    for (const [kind, { value, name }] of Object.entries(foreign)) {
      if (kind === 'koa' || kind === 'express') expect(detectFramework('apiServe', value())).to.equal(kind);
      else
        expect(() => detectFramework('apiServe', value()), kind).to.throw(
          TypeError,
          `apiServe takes a Koa app (new Koa()) or an Express app (express()); it got ${name}`,
        );
    }
    expect(() => createChanges(new Koa() as never)).to.throw(TypeError, 'Server of socket.io');
    expect(latchkey.apiRouter(latchkey.socketServe(http, { origins: [] }), 'api')).to.be.an('object');
    io.engine.close();
  });

  it('throws a TypeError when the object serves sockets already', () => {
    const http = createServer();
    const io = latchkey.socketServe(http, { origins: [] });
    const other = createLatchkey(options);
    expect(() => other.socketServe(http, { origins: [] })).to.throw(
      TypeError,
      'another latchkey has called socketServe',
    );
    const deps = { authority: {} as never, clock: createSystemClock() };
    expect(() => mountBrowserProtocol(io, deps)).to.throw(TypeError, 'mounted on this Socket.IO server already');
    other.close();
  });

  it('throws a TypeError for a guard that was not made, and for an option that does not exist', () => {
    for (const name of ['express', 'koa', 'fastify', 'node'] as const) {
      const request = { headers: {} };
      expect(() => latchkey[name](request as never), name).to.throw(TypeError, 'a guard is made first');
      expect(() => latchkey[name]({ requires: [] } as never), name).to.throw(
        TypeError,
        'requires is not an option; did you mean require?',
      );
    }
  });
});

describe('a guard in another framework', () => {
  let latchkey: Latchkey;
  beforeEach(() => {
    latchkey = createLatchkey(options);
  });
  afterEach(() => latchkey.close());

  async function statusOf(listener: RequestListener): Promise<number> {
    const server = createServer(listener);
    await listen(server);
    try {
      return (await fetch(`http://127.0.0.1:${portOf(server)}/`)).status;
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  it('refuses each request and names its framework to the app', async () => {
    const errors: string[] = [];
    const koa = new Koa();
    koa.silent = true;
    koa.on('error', ({ message }: Error) => errors.push(message));
    koa.use(latchkey.express() as never);
    koa.use((ctx) => Object.assign(ctx, { body: 'reached' }));
    const app = express();
    app.use(latchkey.koa() as never, (_request, response) => void response.end('reached'));
    app.use(((error: Error, _request, response, _next) => {
      errors.push(error.message);
      response.status(500).end();
    }) as express.ErrorRequestHandler);
    expect([await statusOf(koa.callback()), await statusOf(app)]).to.deep.equal([500, 500]);
    const fast = fastify();
    fast.addHook('onRequest', latchkey.koa() as never);
    fast.get('/', () => 'reached');
    const { statusCode, body } = await fast.inject('/');
    expect(statusCode).to.equal(500);
    errors.push(body);
    expect(errors).to.have.length(3);
    expect(errors[0]).to.include('latchkey.express() is middleware of Express');
    expect(errors[1]).to.include('latchkey.koa() is middleware of Koa');
    expect(errors[2]).to.include('latchkey.koa() is middleware of Koa');
  });
});
