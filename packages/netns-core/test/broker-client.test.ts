import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import {
  addNamed,
  connectBroker,
  deleteNamed,
  hopSource,
  namespaceCookie,
  openSocket,
  SocketReserve,
  socketNamespaceCookie,
  useSocketSource,
} from 'netns-core';
import {
  AF_UNIX,
  Errno,
  encodeUnixAddress,
  errnoNumber,
  F_GETFD,
  F_GETFL,
  O_NONBLOCK,
  replaceSyscalls,
  SOCK_CLOEXEC,
  SOCK_STREAM,
  sys,
} from 'netns-core/sys';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { leakedFds, makeNamespaces, openFds, retryUntil, runProgram, uniqueName, untilNothingLeaks } from '#testkit';

const PROGRAM = fileURLToPath(new URL('../dist/netns-broker.js', import.meta.url));
const RED = uniqueName('red');
const UID = process.getuid?.() ?? 0;
const directory = mkdtempSync(path.join(tmpdir(), 'netns-broker-'));
const SOCKET = path.join(directory, 'socket');
const CONFIG = path.join(directory, 'config.json');
let made: ReturnType<typeof makeNamespaces>;
let broker: ChildProcess;
let output = '';

function startBroker(): ChildProcess {
  const child = spawn(process.execPath, [PROGRAM, '--config', CONFIG], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  return child;
}

async function restartBroker(): Promise<void> {
  const ended = once(broker, 'exit');
  broker.kill('SIGKILL');
  await ended;
  broker = startBroker();
}

beforeAll(() => {
  made = makeNamespaces(RED);
  const rules = [{ name: 'test', users: [UID], namespaces: [`${RED}*`] }];
  writeFileSync(CONFIG, JSON.stringify({ path: SOCKET, policy: { rules } }));
  broker = startBroker();
  // Waits for it.
  connectBroker(SOCKET, { timeout: 20_000 }).mustExist(RED);
});
afterEach(() => useSocketSource(hopSource));
afterAll(async () => {
  const ended = once(broker, 'exit');
  broker.kill();
  expect(await ended).toEqual([0, null]);
  made.remove();
  rmSync(directory, { recursive: true });
});

describe('connectBroker', () => {
  it('gives a process without capabilities the sockets of the policy, by NETNS_BROKER alone', async () => {
    const program = `
      import { openSocket, runInNamespace, socketNamespaceCookie } from 'netns-core';
      const attempt = (run) => { try { return String(run()); } catch (error) { return error.code; } };
      const open = (namespace) => () => socketNamespaceCookie(openSocket({ namespace, family: 'ipv6', type: 'dgram' }));
      console.log(JSON.stringify([
        attempt(() => runInNamespace('${RED}', () => 'entered')),
        attempt(open('${RED}')),
        attempt(open('${RED}-missing')),
        attempt(open('blue')),
        attempt(open('default')),
        attempt(open({ vrf: 'default' })),
        attempt(open({ path: '/run/netns/${RED}' })),
        attempt(open('')),
      ]));`;
    const result = await runProgram(program, {
      env: { ...process.env, NETNS_BROKER: SOCKET },
      through: ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--no-new-privs'],
    });
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(result.stdout)).toEqual([
      'EPERM',
      String(namespaceCookie(RED)),
      'ENOENT',
      'ERR_BROKER_DENIED',
      String(namespaceCookie('')),
      String(namespaceCookie('')),
      'ERR_BROKER_UNSUPPORTED',
      String(namespaceCookie('')),
    ]);
    await retryUntil(() => output.includes('"decision":"denied"') && output.includes('"rule":"test"'));
  });

  it('makes what openSocket and SocketReserve return: close-on-exec, non-blocking, in the namespace', async () => {
    useSocketSource(connectBroker(SOCKET));
    // The connection stays open.
    sys().close(openSocket({ namespace: RED, family: 'ipv4', type: 'stream' }));
    const before = openFds();
    const reserve = new SocketReserve({ namespace: RED, tos: 8 });
    const fds = Array.from({ length: 20 }, () => reserve.open('ipv4', 'stream'));
    const cookie = hopSource.inspect(RED).cookie;
    for (const fd of fds) {
      expect(socketNamespaceCookie(fd)).toBe(cookie);
      expect(sys().fcntl(fd, F_GETFD, 0)).toBe(1);
      expect(sys().fcntl(fd, F_GETFL, 0) & O_NONBLOCK).toBe(O_NONBLOCK);
      sys().close(fd);
    }
    expect(() => openSocket({ namespace: RED, family: 'ipv4', type: 'stream', mark: 1 })).toThrow(
      'the rule "test": the mark 1 is not among its marks',
    );
    await untilNothingLeaks(before);
  });

  it('makes each socket of a SocketReserve in what the name means at that moment', () => {
    const name = `${RED}-6`;
    const reserve = new SocketReserve({ namespace: name, source: connectBroker(SOCKET) });
    for (let round = 0; round < 3; round += 1) {
      using namespace = addNamed(name);
      for (let times = 0; times < 5; times += 1) {
        const fd = reserve.open('ipv4', 'stream');
        expect(socketNamespaceCookie(fd)).toBe(namespaceCookie(namespace, hopSource));
        sys().close(fd);
      }
      deleteNamed(name);
    }
    expect(() => reserve.open('ipv4', 'stream')).toThrow('does not exist');
  });

  it('asks for the sockets of one turn of the event loop together, and gives each caller one or the error', async () => {
    const source = connectBroker(SOCKET);
    const reserve = new SocketReserve({ namespace: RED, source, tos: 8, prepare: (fd) => prepared.push(fd) });
    const prepared: number[] = [];
    const from = output.length;
    const fds = await Promise.all(Array.from({ length: 11 }, () => reserve.openSoon('ipv4', 'stream')));
    expect(prepared).toEqual(fds);
    expect(new Set(fds).size).toBe(11);
    for (const fd of fds) {
      expect(socketNamespaceCookie(fd)).toBe(namespaceCookie(RED));
      sys().close(fd);
    }
    // What the broker says of the tests before may come late.
    const counts = (): string[] => output.slice(from).match(/"count":\d+/g) ?? [];
    await retryUntil(() => counts().length === 2);
    expect(counts()).toEqual(['"count":8', '"count":3']);
    const denied = new SocketReserve({ namespace: RED, source, mark: 1 });
    const outcomes = await Promise.allSettled([denied.openSoon('ipv6', 'dgram'), denied.openSoon('ipv6', 'dgram')]);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'ERR_BROKER_DENIED' } });
    source.close();
  });

  it('makes a socket at once where no broker is needed', () => {
    const source = connectBroker('/nowhere');
    const fds = new Int32Array(2);
    expect(source.openMany?.({ family: 'ipv4', type: 'stream' }, fds)).toBe(1);
    fds[1] = Number(new SocketReserve({ source }).openSoon('ipv4', 'dgram'));
    for (const fd of fds) {
      expect(socketNamespaceCookie(fd)).toBe(namespaceCookie(''));
      sys().close(fd);
    }
  });

  it('makes several sockets in one request', () => {
    using source = connectBroker(SOCKET);
    const fds = new Int32Array(10).fill(-1);
    const made = source.openMany?.({ namespace: RED, family: 'ipv6', type: 'dgram' }, fds);
    expect(made).toBe(8);
    const cookie = hopSource.inspect(RED).cookie;
    for (const fd of fds.subarray(0, made)) {
      expect(socketNamespaceCookie(fd)).toBe(cookie);
      sys().close(fd);
    }
    expect([...fds.subarray(8)]).toEqual([-1, -1]);
  });

  it('calls the listeners of a name when it means something else, also after the broker has restarted', async () => {
    const source = connectBroker(SOCKET, { timeout: 20_000 });
    const name = `${RED}-5`;
    let changes = 0;
    const watch = source.watch?.(name, () => {
      changes += 1;
    });
    const next = async (change: () => unknown): Promise<void> => {
      const seen = changes;
      await change();
      await retryUntil(() => changes > seen);
    };
    await retryUntil(() => watch?.live === true);
    await next(() => addNamed(name).close());
    await next(() => deleteNamed(name));
    await next(restartBroker);
    await retryUntil(() => watch?.live === true);
    await next(() => addNamed(name).close());
    watch?.close();
    source.close();
    deleteNamed(name);
  });

  it('connects less and less often to a broker that refuses it, and watches again once it is served', async () => {
    const socket = path.join(directory, 'refusing');
    const times: number[] = [];
    let refuses = true;
    const server = net.createServer((connection) => {
      times.push(performance.now());
      if (refuses)
        connection.end('{"version":1,"error":{"name":"NetnsError","code":"ERR_BROKER_LIMIT","message":"full"}}\n');
      else connection.on('data', () => connection.write(`{"version":1,"namespace":"${RED}"}\n`));
      connection.on('error', () => undefined).resume();
    });
    await once(server.listen(socket), 'listening');
    const source = connectBroker(socket);
    const watch = source.watch?.(RED, () => undefined);
    // Further names that are watched meanwhile make no further connections.
    const others = setInterval(() => source.watch?.(`${RED}-${times.length}`, () => undefined)?.close(), 5);
    await retryUntil(() => times.length >= 4);
    clearInterval(others);
    const [first = 0, , , fourth = 0] = times;
    // 100, 200 and 400 ms; a slow machine makes them longer.
    expect(fourth - first).toBeGreaterThan(650);
    refuses = false;
    await retryUntil(() => watch?.live === true);
    watch?.close();
    source.close();
    const closed = once(server, 'close');
    server.close();
    await closed;
  });

  it('tells what a name means, as it comes, is replaced and goes', () => {
    const source = connectBroker(SOCKET);
    const name = `${RED}-2`;
    expect(source.identify(name)).toBeUndefined();
    expect(() => source.mustExist(name)).toThrow('does not exist');
    addNamed(name).close();
    const first = source.identify(name);
    expect(first).toEqual(hopSource.identify(name));
    expect(source.inspect(name)).toEqual(hopSource.inspect(name));
    const kept = source.open({ namespace: name, family: 'ipv4', type: 'stream' });
    deleteNamed(name);
    expect(source.identify(name)).toBeUndefined();
    addNamed(name).close();
    expect(source.identify(name)).not.toEqual(first);
    sys().close(kept);
    deleteNamed(name);
  });

  it('waits for a broker that restarts, and its sockets outlive the broker', async () => {
    const source = connectBroker(SOCKET, { timeout: 20_000 });
    const options = { namespace: RED, family: 'ipv4', type: 'stream' } as const;
    const old = source.open(options);
    await restartBroker();
    const fresh = source.open(options);
    for (const fd of [old, fresh]) {
      expect(socketNamespaceCookie(fd)).toBe(namespaceCookie(RED));
      sys().close(fd);
    }
  });

  it('fails after its time where there is no broker, and then at once', () => {
    const before = openFds();
    const source = connectBroker(path.join(directory, 'nothing'), { timeout: 100 });
    const start = performance.now();
    const unavailable = expect.objectContaining({ code: 'ERR_BROKER_UNAVAILABLE' });
    expect(() => source.mustExist(RED)).toThrow(unavailable);
    expect(performance.now() - start).toBeGreaterThan(99);
    let waits = 0;
    const restore = replaceSyscalls(({ poll }) => ({
      poll: (...args) => {
        waits += 1;
        return poll(...args);
      },
    }));
    try {
      for (let attempt = 0; attempt < 3; attempt += 1) expect(() => source.mustExist(RED)).toThrow(unavailable);
    } finally {
      restore();
    }
    expect(waits).toBe(0);
    expect(leakedFds(before)).toEqual([]);
  });

  it('sends a request again, on a new connection, where it could not be sent', () => {
    const before = openFds();
    using source = connectBroker(SOCKET, { timeout: 20_000 });
    source.mustExist(RED);
    for (const error of [Errno.EAGAIN, Errno.EINTR, errnoNumber('ENOBUFS')]) {
      let sends = 0;
      const restore = replaceSyscalls(({ send }) => ({
        send: (...args) => {
          sends += 1;
          return sends === 1 ? -error : send(...args);
        },
      }));
      try {
        source.mustExist(RED);
      } finally {
        restore();
      }
      expect(sends).toBe(2);
    }
    source.close();
    expect(leakedFds(before)).toEqual([]);
    source.mustExist(RED);
  });

  it('says that a request cannot be sent', () => {
    using source = connectBroker(SOCKET, { timeout: 50 });
    source.mustExist(RED);
    const restore = replaceSyscalls(() => ({ send: () => -errnoNumber('ENOBUFS') }));
    try {
      expect(() => source.mustExist(RED)).toThrow('a request cannot be sent (send: ENOBUFS)');
    } finally {
      restore();
    }
  });

  it('recognises other versions, and servers that are not brokers', async () => {
    const socket = path.join(directory, 'other');
    const worker = new Worker(
      `const { parentPort, workerData } = require('node:worker_threads');
       let reply = '';
       require('node:net').createServer((socket) => {
         socket.on('error', () => {});
         socket.on('data', () => reply === 'end' ? socket.end() : socket.write(reply));
       }).listen(workerData, () => parentPort.postMessage('listens'));
       parentPort.on('message', (next) => { reply = next; parentPort.postMessage('set'); });`,
      { eval: true, workerData: socket },
    );
    await once(worker, 'message');
    const replies: [string, string][] = [
      ['{"version":2,"what":"ever"}\n', 'ERR_BROKER_VERSION'],
      ['HTTP/1.1 400 Bad Request\r\n', 'ERR_BROKER_PROTOCOL'],
      ['{"version":1,"cookie":7}\n', 'ERR_BROKER_PROTOCOL'],
      ['{"version":1,"error":{}}\n', 'ERR_BROKER_PROTOCOL'],
      ['{"version":1}\n', 'ERR_BROKER_PROTOCOL'],
      ['x'.repeat(100_000), 'ERR_BROKER_PROTOCOL'],
      ['{"version":1', 'ERR_BROKER_TIMEOUT'],
      ['end', 'ERR_BROKER_UNAVAILABLE'],
    ];
    for (const [reply, code] of replies) {
      const set = once(worker, 'message');
      worker.postMessage(reply);
      await set;
      const source = connectBroker(socket, { timeout: code === 'ERR_BROKER_PROTOCOL' ? 20_000 : 300 });
      expect(() => source.open({ namespace: RED, family: 'ipv4', type: 'stream' })).toThrow(
        expect.objectContaining({ code }),
      );
    }
    await worker.terminate();
  });

  it('refuses a path that is not absolute or too long, and options that it does not know', () => {
    for (const wrong of ['socket', '', `/${'x'.repeat(108)}`, '/a\0b'])
      expect(() => connectBroker(wrong)).toThrow('must be absolute and shorter than 108 bytes');
    expect(() => connectBroker(SOCKET, { timeout: 0 })).toThrow('timeout');
    expect(() => useSocketSource({} as typeof hopSource)).toThrow('source.open must be a function');
  });
});

describe('netns-broker', () => {
  it('has no capability but those that its policy needs, in no thread, and cannot get any back', () => {
    const task = `/proc/${broker.pid}/task`;
    const status = readdirSync(task).map((thread) => readFileSync(path.join(task, thread, 'status'), 'utf8'));
    expect(status.length).toBeGreaterThan(4);
    const sysAdmin = (1 << 21).toString(16).padStart(16, '0');
    for (const text of status)
      expect(Object.fromEntries(text.split('\n').map((line) => line.split(/:\s*/)))).toMatchObject({
        CapInh: sysAdmin,
        CapPrm: sysAdmin,
        CapEff: sysAdmin,
        CapBnd: sysAdmin,
        CapAmb: sysAdmin,
        NoNewPrivs: '1',
      });
  });

  it('opens namespaces and nothing else once it serves, as strace sees it', async () => {
    const [socket, config, trace] = ['traced', 'traced.json', 'trace'].map((name) => path.join(directory, name)) as [
      string,
      string,
      string,
    ];
    const rules = [
      { users: [UID], namespaces: [`${RED}*`], types: ['stream', 'dgram', 'netlink', 'ping'], listen: [80] },
    ];
    writeFileSync(config, JSON.stringify({ path: socket, policy: { rules } }));
    const calls = 'trace=open,openat,openat2,creat,execve,connect,bind,mount,inotify_add_watch';
    const program = [process.execPath, PROGRAM, '--config', config];
    const tracer = spawn('strace', ['-f', '-o', trace, '-e', calls, ...program], { stdio: 'ignore' });
    const source = connectBroker(socket, { timeout: 60_000 });
    source.mustExist(RED);
    const start = readFileSync(trace).length;
    const address = { address: '127.0.0.1', port: 80 };
    for (const type of ['stream', 'dgram'] as const) {
      sys().close(source.open({ namespace: RED, family: 'ipv4', type }));
      sys().close(source.open({ namespace: RED, family: 'ipv4', type }, address));
    }
    sys().close(source.openNetlink(RED, 0));
    const fds = new Int32Array(8);
    for (const fd of fds.subarray(0, source.openMany?.({ namespace: RED, family: 'ipv6', type: 'dgram' }, fds)))
      sys().close(fd);
    expect(() => source.open({ namespace: 'blue', family: 'ipv4', type: 'stream' })).toThrow('denies');
    expect(source.identify(`${RED}-missing`)).toBeUndefined();
    const watch = source.watch?.(RED, () => undefined);
    await retryUntil(() => watch?.live === true);
    source.close();
    const ended = once(tracer, 'exit');
    const [pid = ''] = readFileSync(`/proc/${tracer.pid}/task/${tracer.pid}/children`, 'utf8').split(' ');
    process.kill(Number(pid), 'SIGTERM');
    await ended;
    const traced = readFileSync(trace, 'utf8').slice(start).split('\n');
    const opened = new Set(traced.flatMap((line) => /open\w*\(.*?"([^"]*)"/.exec(line)?.[1] ?? []));
    expect([...opened]).toEqual([`/run/netns/${RED}`]);
    const bound = traced.filter((line) => line.includes('bind(') && !line.includes('resumed'));
    expect(bound).toHaveLength(2);
    for (const line of bound) expect(line).toContain('sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")');
    expect(traced.filter((line) => /execve|connect|mount|inotify/.test(line))).toEqual([]);
  });

  it('goes on being served after the broker was killed at any moment', async () => {
    const before = openFds();
    using impatient = connectBroker(SOCKET, { timeout: 30 });
    using source = connectBroker(SOCKET, { timeout: 20_000 });
    const options = { namespace: RED, family: 'ipv4', type: 'stream' } as const;
    for (let round = 0; round < 5; round += 1) {
      const ended = once(broker, 'exit');
      setTimeout(() => broker.kill('SIGKILL'), Math.random() * 20);
      while (broker.signalCode === null) {
        try {
          sys().close(impatient.open(options));
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching('ERR_BROKER_(UNAVAILABLE|TIMEOUT)') });
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
      await ended;
      broker = startBroker();
      sys().close(source.open(options));
    }
    impatient.close();
    source.close();
    // The output of the broker that runs now is another descriptor than before.
    await retryUntil(() => openFds().size === before.size);
  });

  it('listens on the socket that systemd passes, through which requests wait for it', async () => {
    const file = path.join(directory, 'activated.json');
    const socket = path.join(directory, 'activated');
    const policy = { rules: [{ users: [UID], namespaces: [RED] }] };
    writeFileSync(file, JSON.stringify({ path: socket, policy, log: 'none' }));
    const listening = sys().socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sys().bind(listening, encodeUnixAddress(socket));
    sys().listen(listening, 8);
    // What systemd does: the descriptor 3, and the number of the process in its environment.
    const start = (count: number): ChildProcess => {
      const command = `LISTEN_PID=$$ LISTEN_FDS=${count} exec ${process.execPath} ${PROGRAM} --config ${file}`;
      return spawn('sh', ['-c', command], { stdio: ['ignore', 'ignore', 'pipe', listening] });
    };
    const several = start(2);
    let said = '';
    several.stderr?.on('data', (text) => {
      said += text;
    });
    expect(await once(several, 'close')).toEqual([1, null]);
    expect(said).toContain("systemd must pass one socket to netns-broker, got '2'");
    using source = connectBroker(socket, { timeout: 20_000 });
    for (let round = 0; round < 2; round += 1) {
      const child = start(1);
      source.mustExist(RED);
      const ended = once(child, 'exit');
      child.kill(round === 0 ? 'SIGKILL' : 'SIGTERM');
      await ended;
    }
    expect(lstatSync(socket).isSocket()).toBe(true);
    sys().close(listening);
  });

  it('keeps one megabyte of its log, and no more, for a reader that does not read', async () => {
    const file = path.join(directory, 'unread.json');
    const socket = path.join(directory, 'unread');
    writeFileSync(file, JSON.stringify({ path: socket, policy: { rules: [{ users: [UID], namespaces: [RED] }] } }));
    const child = spawn(process.execPath, [PROGRAM, '--config', file], { stdio: ['ignore', 'pipe', 'inherit'] });
    using source = connectBroker(socket, { timeout: 20_000 });
    // Each of them is a line of 300 bytes and more.
    for (let round = 0; round < 10_000; round += 1)
      expect(() => source.open({ namespace: `blue-${'x'.repeat(200)}`, family: 'ipv4', type: 'stream' })).toThrow(
        'denies',
      );
    let size = 0;
    child.stdout.on('data', (data: Buffer) => {
      size += data.length;
    });
    const ended = once(child, 'close');
    child.kill();
    await ended;
    expect(size).toBeGreaterThan(1_000_000);
    expect(size).toBeLessThan(1_500_000);
  });

  it('goes on where its log cannot be written', async () => {
    const file = path.join(directory, 'full.json');
    const socket = path.join(directory, 'full');
    writeFileSync(file, JSON.stringify({ path: socket, policy: { rules: [{ users: [UID], namespaces: [RED] }] } }));
    const full = openSync('/dev/full', 'w');
    for (const output of ['pipe', full] as const) {
      const child = spawn(process.execPath, [PROGRAM, '--config', file], { stdio: ['ignore', output, 'inherit'] });
      child.stdout?.destroy();
      using source = connectBroker(socket, { timeout: 20_000 });
      for (let round = 0; round < 3; round += 1) {
        source.mustExist(RED);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const ended = once(child, 'exit');
      child.kill();
      expect(await ended).toEqual([0, null]);
    }
    closeSync(full);
  });

  it('says of a name that is being made that no namespace is there, which is waited for', async () => {
    const name = `${RED}-half`;
    const file = `/run/netns/${name}`;
    // As `ip netns add` leaves it before the mount.
    closeSync(openSync(file, 'wx', 0));
    const program = `
      import { openSocket } from 'netns-core';
      try { openSocket({ namespace: '${name}', family: 'ipv4', type: 'stream' }); } catch (error) { console.log(error.name); }`;
    const result = await runProgram(program, { env: { ...process.env, NETNS_BROKER: SOCKET } });
    rmSync(file);
    expect(result).toMatchObject({ code: 0, stdout: 'NotANamespaceError\n' });
  });

  it('checks its configuration, and names what is wrong with it', () => {
    const file = path.join(directory, 'checked.json');
    const run = (config: unknown): { status: number | null; stderr: string } => {
      writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config));
      return spawnSync(process.execPath, [PROGRAM, '--config', file, '--check'], { encoding: 'utf8' });
    };
    const rule = { users: [1], namespaces: ['x'] };
    expect(run({ path: SOCKET, policy: { rules: [rule] } })).toMatchObject({ status: 0, stderr: '' });
    const misspelt = run({ path: SOCKET, policy: { rules: [{ ...rule, user: [2] }] } });
    expect(misspelt).toMatchObject({ status: 1, stderr: expect.stringContaining('did you mean users?') });
    const relative = run({ path: 'socket', policy: { rules: [rule] } });
    expect(relative).toMatchObject({ status: 1, stderr: expect.stringContaining('must be absolute') });
    const half = run('{"path":');
    expect(half).toMatchObject({ status: 1, stderr: expect.stringContaining(`${file} must be JSON: `) });
    chmodSync(file, 0o666);
    const anyones = run({ path: SOCKET, policy: { rules: [rule] } });
    expect(anyones).toMatchObject({ status: 1, stderr: expect.stringContaining('may be written by every user') });
  });
});
