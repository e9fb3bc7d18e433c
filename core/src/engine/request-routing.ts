import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'socket.io';

/**
 * Gives requests under the path of Socket.IO to its engine alone. Socket.IO hides them from listeners that are there when
 * it is attached; an app that adds its own afterwards (`server.on('request', app)`) would answer them a second time, which
 * ends the process.
 */
export function routeRequests(httpServer: HttpServer, io: Server): void {
  const prefix = `${io.path()}/`;
  const emit = httpServer.emit.bind(httpServer) as (event: string | symbol, ...args: unknown[]) => boolean;

  httpServer.emit = (event: string | symbol, ...args: unknown[]): boolean => {
    const [request, response] = args as [IncomingMessage, ServerResponse];
    if (event !== 'request' || request.url?.startsWith(prefix) !== true) return emit(event, ...args);
    io.engine.handleRequest(request as Parameters<Server['engine']['handleRequest']>[0], response);
    return true;
  };
}
