import type { Server } from 'socket.io';
import type { BrowserProtocol, BrowserProtocolOptions } from './options.ts';

/**
 * Speaks the browser protocol on namespace `/` of a Socket.IO server: authentication, refresh, activity, logout,
 * expiry and drain, over whichever authority decides.
 */
export declare function mountBrowserProtocol(io: Server, options: BrowserProtocolOptions): BrowserProtocol;
