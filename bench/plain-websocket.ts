import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/** A minimal WebSocket client (RFC 6455) for text frames, so that the client uses little CPU time beside the server. */
export interface PlainWebSocket {
  send(text: string): void;
  close(): void;
}

interface Handlers {
  onText(text: string): void;
  onEnd(why: string): void;
}

const headersOf = (port: number) =>
  [
    `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    `Origin: http://127.0.0.1:${port}`,
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    'Accept: */*',
    'Accept-Language: en-GB,en;q=0.5',
    'Accept-Encoding: gzip, deflate, br',
    'Pragma: no-cache',
    'Cache-Control: no-cache',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    '\r\n',
  ].join('\r\n');

export function openPlainWebSocket(port: number, handlers: Handlers): PlainWebSocket {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.write(headersOf(port));
  let rest: Buffer = Buffer.alloc(0);
  let isOpen = false;
  socket.on('data', (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    if (!isOpen) {
      const end = rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      if (!rest.toString('latin1', 0, 12).endsWith(' 101'))
        return giveUp(socket, handlers, rest.toString('latin1', 0, end));
      isOpen = true;
      rest = rest.subarray(end + 4);
    }
    rest = readFrames(rest, handlers.onText);
  });
  socket.on('error', (error) => handlers.onEnd(error.message));
  socket.on('close', () => handlers.onEnd('closed'));
  return { send: (text) => void socket.write(frameOf(text)), close: () => socket.destroy() };
}

function giveUp(socket: Socket, { onEnd }: Handlers, why: string): void {
  socket.destroy();
  onEnd(why);
}

const textFrame = 0x81;

/** Calls `onText` with each complete text frame. Returns the bytes of the incomplete one. */
function readFrames(bytes: Buffer, onText: (text: string) => void): Buffer {
  let at = 0;
  for (;;) {
    if (bytes.length - at < 2) break;
    const short = bytes[at + 1]! & 0x7f;
    if (short === 126 && bytes.length - at < 4) break;
    const [from, length] = short < 126 ? [at + 2, short] : [at + 4, bytes.readUInt16BE(at + 2)];
    if (bytes.length < from + length) break;
    if (bytes[at] === textFrame) onText(bytes.toString('utf8', from, from + length));
    at = from + length;
  }
  return bytes.subarray(at);
}

/** A text frame, masked with zero, which does not change the bytes. */
function frameOf(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const isShort = length < 126;
  const frame = Buffer.alloc((isShort ? 6 : 8) + length);
  frame[0] = textFrame;
  frame[1] = 0x80 | (isShort ? length : 126);
  if (!isShort) frame.writeUInt16BE(length, 2);
  frame.write(text, isShort ? 6 : 8);
  return frame;
}
