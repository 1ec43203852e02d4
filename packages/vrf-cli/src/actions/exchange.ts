import type { Socket } from 'node:net';
import { finished, pipeline } from 'node:stream/promises';

/**
 * Passes standard input to a connection and what it receives to standard output. The directions end by themselves, as
 * with nc: when the other side has sent its last, the rest of the input is still sent, unless the input is a terminal.
 *
 * @throws the connection's error; not all has been passed then
 */
export async function exchange(socket: Socket): Promise<void> {
  // Must be so before the other side ends.
  socket.allowHalfOpen = true;
  const sending = pipeline(process.stdin, socket);
  // Where no caller waits for it, the other direction tells what went wrong with the connection.
  sending.catch(() => {});
  await receive(socket);
  if (!process.stdin.isTTY) await sending;
  process.stdin.destroy();
  socket.destroy();
}

/** Passes what a connection receives to standard output. The connection stays open for writing. */
export async function receive(socket: Socket): Promise<void> {
  socket.pipe(process.stdout, { end: false });
  await finished(socket, { writable: false });
}
