import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** A folder from whose files the packages resolve as a user's do. */
const CONSUMERS = fileURLToPath(new URL('../../../examples/', import.meta.url));
const TSC = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url));

/** A program that uses the package as it is published, and depends on what its types say. */
const CONSUMER = `
import dns from 'node:dns';
import http from 'node:http';
import net from 'node:net';
import { createVrfLookup, createVrfSocket, dialTls, VrfAgent, VrfHttpAgent, type VrfLookup } from 'vrf-dial';

const lookup: VrfLookup = createVrfLookup({ vrf: 'red' });
const asNodes: typeof dns.lookup extends (...args: infer A) => void ? (...args: A) => void : never = lookup;
const asOption: net.LookupFunction = lookup;
lookup('x', (error, address: string, family: number) => {});
lookup('x', 4, (error, address: string) => {});
lookup('x', { family: 6 }, (error, address: string) => {});
lookup('x', { all: true }, (error, addresses) => addresses.map(({ address }) => address));
lookup('x', { all: Math.random() > 0.5 }, (error, found: string | dns.LookupAddress[]) => {});

class Own extends VrfHttpAgent {
  override createConnection(options: object): net.Socket {
    return super.createConnection(options);
  }
}
http.get('http://x/', { agent: new Own({ vrf: 'red' }), lookup: asOption });
const socket: net.Socket = createVrfSocket({ vrf: 'red' }).connect(80, 'x', () => {});
const stats: VrfAgent['stats'] = new VrfAgent({ vrf: 'red' }).stats;
const authorized: Promise<boolean> = dialTls({ vrf: 'red', host: 'x', port: 443, ca: '' }).then((secure) => secure.authorized);
export { asNodes, authorized, socket, stats };
`;

it('a consumer of the types compiles, also with skipLibCheck: false', async () => {
  const folder = mkdtempSync(path.join(CONSUMERS, '.run-'));
  try {
    const file = path.join(folder, 'consumer.mts');
    writeFileSync(file, CONSUMER);
    const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false'];
    const target = [
      '--target',
      'es2022',
      '--lib',
      'es2023,esnext.disposable',
      '--module',
      'nodenext',
      '--types',
      'node',
    ];
    const ended = await promisify(execFile)(process.execPath, [TSC, ...options, ...target, file], {
      cwd: CONSUMERS,
    }).catch((error: { stdout: string }) => error);
    // Errors inside other packages are theirs.
    expect(ended.stdout.split('\n').filter((line) => /vrf-dial|netns-core|consumer/.test(line))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 120_000);
