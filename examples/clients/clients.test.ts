import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADDRESS, type ClientLab, openLab, postgresPrograms } from './servers.ts';

// Each example is run as a user runs it: a program of its own against the built packages, and a real server.

let lab: ClientLab;
let directory: string;

beforeEach(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'clients-'));
  lab = await openLab();
});

afterEach(async () => {
  const packets = await lab.close();
  rmSync(directory, { recursive: true, force: true });
  // Home has the server's address, too: a connection or a lookup from there would have been seen.
  expect(packets).toEqual([]);
});

describe('clients of other protocols reach a server in a VRF', () => {
  it('PostgreSQL, with pg', async () => {
    const programs = postgresPrograms();
    const data = path.join(directory, 'data');
    // It refuses to run as root, which every user is in the sandbox: one more user namespace gives it another user.
    const ordinaryUser = ['--user', '--map-user=1000', '--map-group=1000', '--'];
    execFileSync('unshare', [
      ...ordinaryUser,
      ...[path.join(programs, 'initdb'), '-D', data, '-A', 'trust', '-U', 'postgres', '--no-sync', '-E', 'UTF8'],
      '--locale=C',
    ]);
    lab.start('unshare', [
      ...ordinaryUser,
      ...[path.join(programs, 'postgres'), '-D', data, '-h', ADDRESS, '-p', '5432', '-k', directory, '-F'],
      ...['-c', 'dynamic_shared_memory_type=mmap'],
    ]);
    await lab.listening(5432);
    const hba = path.join(data, 'pg_hba.conf');
    execFileSync('sh', ['-c', `echo 'host all all ${ADDRESS}/32 trust' >> "$0"`, hba]);
    execFileSync('unshare', [...ordinaryUser, path.join(programs, 'pg_ctl'), 'reload', '-D', data]);
    const rows = JSON.parse(await lab.example('pg.mjs', 5432)) as { index: number; server: string }[];
    expect(rows).toEqual(Array.from({ length: 8 }, (_, index) => ({ index, server: ADDRESS })));
  }, 120_000);

  it('Redis, with ioredis, also after a lost connection', async () => {
    lab.start('redis-server', [
      ...['--bind', ADDRESS, '--port', '6379', '--save', '', '--appendonly', 'no', '--dir', directory],
      ...['--protected-mode', 'no'],
    ]);
    await lab.listening(6379);
    expect((await lab.example('ioredis.mjs', 6379)).split('\n')).toEqual(['hello', '1']);
  }, 60_000);

  it('MQTT, with mqtt and mosquitto, also after a lost connection', async () => {
    const configuration = path.join(directory, 'mosquitto.conf');
    execFileSync('sh', [
      '-c',
      'printf "listener 1883 %s\\nallow_anonymous true\\nuser root\\n" "$1" > "$0"',
      configuration,
      ADDRESS,
    ]);
    lab.start('mosquitto', ['-c', configuration]);
    await lab.listening(1883);
    expect((await lab.example('mqtt.mjs', 1883)).split('\n')).toEqual(['greetings/first hello', 'connected again']);
  }, 60_000);

  it('gRPC, with @grpc/grpc-js in a NamespaceWorker, names and all', async () => {
    lab.start(process.execPath, [fileURLToPath(new URL('grpc-server.mjs', import.meta.url)), ADDRESS, '50051']);
    await lab.listening(50051);
    expect(await lab.example('grpc.mjs', 50051)).toBe('hello to you');
  }, 60_000);

  it('WebSocket and EventSource, with undici', async () => {
    lab.start(process.execPath, [fileURLToPath(new URL('streams-server.mjs', import.meta.url)), ADDRESS, '8080']);
    await lab.listening(8080);
    expect((await lab.example('undici-streams.mjs', 8080)).split('\n')).toEqual([
      'WebSocket hello to you',
      'EventSource first',
    ]);
  }, 60_000);
});
