import { answerTo } from './kind.mjs';

/** The first line that a socket says; then it says something itself and must hear it back. */
export function lineOf(socket, nonce) {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.setTimeout(20_000, () => socket.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })));
    socket.on('data', (chunk) => {
      if (text === '') socket.write(`${nonce}\n`);
      text += chunk;
      const lines = text.split('\n');
      if (lines.length < 3) return;
      socket.destroy();
      resolve(answerTo(`${lines[0]} ${lines[1]}`, nonce));
    });
    socket.on('error', reject);
    socket.on('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
  });
}
