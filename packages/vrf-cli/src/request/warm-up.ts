import { request } from 'node:http';
import { Duplex } from 'node:stream';
import { dial } from 'vrf-dial/node';

/** Done once in a process: its promise. */
let done: Promise<unknown> | undefined;

/** The kernel refuses to connect to a multicast address before it sends anything, `tcp_v4_connect`. */
const REFUSED_BY_THE_KERNEL = { host: '224.0.0.1', port: 9 };

/**
 * Has everything loaded and compiled that a first connection and a first request need, without a packet: by a connection
 * that the kernel refuses, and an exchange in memory. Otherwise the first phases would show how long that took.
 */
export async function warmUp(): Promise<void> {
  done ??= Promise.allSettled([
    dial({ namespace: '', ...REFUSED_BY_THE_KERNEL }).then((socket) => socket.destroy()),
    exchangeInMemory(),
  ]);
  await done;
}

function exchangeInMemory(): Promise<void> {
  return new Promise((resolve) => {
    const connection = new Duplex({
      read() {},
      write(_chunk, _encoding, callback) {
        this.push('HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n');
        this.push(null);
        callback();
      },
    });
    const settle = (): void => {
      connection.destroy();
      resolve();
    };
    request({ createConnection: () => connection, host: 'memory' }, (response) => {
      response.resume().once('close', settle);
    })
      .once('error', settle)
      .end();
  });
}
