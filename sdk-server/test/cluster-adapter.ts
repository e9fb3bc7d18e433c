import type { EventEmitter } from 'node:events';
import type { Namespace } from 'socket.io';
import { ClusterAdapter, type ClusterMessage } from 'socket.io-adapter';

/** A cluster in one process: what one node publishes comes to all, encoded as JSON on its way. */
export function clusterOf(bus: EventEmitter) {
  return class extends ClusterAdapter {
    constructor(nsp: Namespace) {
      super(nsp);
      bus.on('message', (text: string) => this.onMessage(JSON.parse(text)));
    }
    protected override async doPublish(message: ClusterMessage) {
      bus.emit('message', JSON.stringify(message));
      return '0';
    }
    protected override async doPublishResponse() {}
  };
}
