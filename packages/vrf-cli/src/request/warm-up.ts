import { request } from 'node:http';
import { Duplex } from 'node:stream';
import { runInNamespace } from 'netns-core';

/** Done once in a process: its promise. */
let done: Promise<void> | undefined;

/**
 * Has everything loaded that a first request needs: the library of system calls, and Node's HTTP client by an exchange in
 * memory. Otherwise the phases of a request would show how long that took.
 */
export function warmUp(): Promise<void> {
  done ??= exchangeInMemory().then(() => runInNamespace('', () => undefined));
  return done;
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
