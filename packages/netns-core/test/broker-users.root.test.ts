import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type Broker, startBroker } from 'netns-core/broker';
import { afterEach, expect, it } from 'vitest';
import { openFds, retryUntil, untilNothingLeaks } from '#testkit';

const directory = mkdtempSync(path.join(tmpdir(), 'netns-broker-users-'));
chmodSync(directory, 0o755);
const SOCKET = path.join(directory, 'socket');
let broker: Broker | undefined;
const users: ChildProcess[] = [];
afterEach(async () => {
  for (const child of users.splice(0)) {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
  await broker?.close();
  rmSync(directory, { recursive: true });
});

/** Makes as many connections as it is told to, and says what became of each. */
const CONNECTS = `
  const net = require('node:net');
  const request = JSON.stringify({ version: 1, request: 'identify', namespace: 'nowhere' }) + '\\n';
  require('node:readline').createInterface({ input: process.stdin }).on('line', () => {
    let text = '';
    // A write to a connection that was refused would end it before the reason is read.
    const socket = net.connect(process.argv[1], () => setTimeout(() => socket.destroyed || socket.write(request), 50));
    socket.on('data', (data) => {
      text += data;
      if (!text.endsWith('\\n')) return;
      console.log(JSON.parse(text).error.code);
      text = '';
    });
    socket.on('error', () => {}).on('close', () => console.log('closed'));
  });`;

class User {
  readonly #child: ChildProcess;
  readonly said: string[] = [];

  constructor(uid: number) {
    const program = [process.execPath, '--eval', CONNECTS, SOCKET];
    this.#child = spawn('setpriv', [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', ...program], {
      stdio: ['pipe', 'pipe', 'inherit'],
      cwd: '/',
    });
    users.push(this.#child);
    if (this.#child.stdout !== null)
      createInterface({ input: this.#child.stdout }).on('line', (line) => this.said.push(line));
  }

  /** What the broker said on a further connection. */
  async connect(): Promise<string | undefined> {
    const before = this.said.length;
    this.#child.stdin?.write('\n');
    await retryUntil(() => this.said.slice(before).some((line) => line !== 'closed'));
    return this.said.slice(before).find((line) => line !== 'closed');
  }
}

it('makes room for users with few connections, and none for those who have as many as the others', async () => {
  const before = openFds();
  const refused: string[] = [];
  broker = await startBroker({
    path: SOCKET,
    policy: { rules: [{ users: ['*'], namespaces: ['*'] }], limits: { clients: 12, clientsPerUser: 6 } },
    logger: ({ decision, uid, reason = '' }) => {
      if (decision === 'refused') refused.push(`${uid}: ${reason}`);
    },
  });
  const crowd = [new User(1001), new User(1002)];
  for (let round = 0; round < 6; round += 1) for (const user of crowd) expect(await user.connect()).toBe('ENOENT');
  expect(await crowd[0]?.connect()).toBe('ERR_BROKER_LIMIT');
  const third = new User(1003);
  for (let round = 0; round < 4; round += 1) expect(await third.connect()).toBe('ENOENT');
  expect(await third.connect()).toBe('ERR_BROKER_LIMIT');
  await retryUntil(() => crowd.every(({ said }) => said.filter((line) => line === 'closed').length >= 2));
  await retryUntil(() => third.said.filter((line) => line === 'closed').length === 1);
  expect(refused.filter((line) => line.endsWith('and another user needs one'))).toHaveLength(4);
  // The user who has lost one gets no other in its place.
  expect(await crowd[1]?.connect()).toBe('ERR_BROKER_LIMIT');
  for (const child of users.splice(0)) {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
  await broker.close();
  await untilNothingLeaks(before);
});
