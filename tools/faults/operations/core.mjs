// Operations of netns-core.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fstatSync, readlinkSync } from 'node:fs';
import * as core from 'netns-core';
import { sys } from 'netns-core/sys';

const RED = 'red';
const BROKER = '/run/netns/.broker';
let red;
let home;
let count = 0;
let name = '';

/** Called in the process that runs an operation, before everything else. */
export function prepare() {
  red = core.getFromName(RED);
  home = core.get();
}

const fresh = () => {
  count += 1;
  name = `f${count}`;
};
const close = (handle) => handle.close();
const closeFd = (fd) => sys().close(fd);
const goHome = () => sys().setns(home.fd, 0);
const isRed = (place) => place === `net:[${red.ino}]`;
const isRedHandle = (handle) => fstatSync(handle.fd, { bigint: true }).ino === red.ino;
const isRedSocket = (fd) => core.socketNamespaceCookie(fd) === core.namespaceCookie(red);
const removeName = () => {
  try {
    core.deleteNamed(name);
  } catch {
    // It was never made.
  }
};
const place = () => readlinkSync('/proc/thread-self/ns/net');
const both = {
  family: 'ipv4',
  type: 'stream',
  tos: 0xb8,
  mark: 7,
  interface: 'lo',
  priority: 5,
  reuseAddress: true,
  reusePort: true,
  freebind: true,
  transparent: true,
};

let brokerRuns = false;
/** A broker in a process of its own, which ends with this one. */
async function startBroker() {
  if (brokerRuns) return;
  brokerRuns = true;
  const program = `
    import { startBroker } from 'netns-core/broker';
    const path = ${JSON.stringify(BROKER)};
    await startBroker({ path, policy: { rules: [{ name: 'all', users: ['*'], namespaces: ['*'] }] } });
    process.stdout.write('ready');
    process.stdin.on('end', () => process.exit()).resume();`;
  const broker = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: import.meta.dirname,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(broker.stdout, 'data');
  broker.stdout.destroy();
  broker.unref();
  broker.stdin.unref();
}

/** Of each export: one operation or several, each with what it is called. */
export const operations = {
  Do: { run: () => core.Do(RED, place), right: isRed, objects: [RED] },
  MustDo: { run: () => core.MustDo(RED, place), right: isRed, objects: [RED] },
  mustRunInNamespace: { run: () => core.mustRunInNamespace(RED, place), right: isRed, objects: [RED] },
  runInNamespace: [
    { what: 'by name', run: () => core.runInNamespace(RED, place), right: isRed, objects: [RED] },
    { what: 'by handle', run: () => core.runInNamespace(red, place), right: isRed, objects: ['NS('] },
    {
      what: 'by path',
      run: () => core.runInNamespace({ path: `/run/netns/${RED}` }, place),
      right: isRed,
      objects: [RED],
    },
    { what: 'by process', run: () => core.runInNamespace({ pid: process.pid }, place), objects: ['process'] },
    { what: "in 'default'", run: () => core.runInNamespace('default', place), objects: ['default', 'started in'] },
    {
      what: 'nested',
      run: () => core.runInNamespace(RED, () => [core.runInNamespace('blue', place), place()][1]),
      right: isRed,
      objects: [RED, 'blue'],
    },
    {
      what: 'whose function throws',
      run: () => {
        try {
          core.runInNamespace(RED, () => {
            throw new Error('own');
          });
        } catch (error) {
          if (error.message !== 'own') throw error;
        }
      },
      objects: [RED],
    },
    {
      what: "with onRestoreFailure: 'throw'",
      run: () => core.runInNamespace(RED, place, { onRestoreFailure: 'throw' }),
      right: isRed,
      objects: [RED],
      mayPoison: true,
    },
  ],
  resolveNamespace: [
    { what: 'of a name', run: () => core.resolveNamespace(RED), right: isRedHandle, undo: close, objects: [RED] },
    { what: "of ''", run: () => core.resolveNamespace(''), undo: close, objects: ["caller's namespace"] },
    {
      what: "of 'default'",
      run: () => core.resolveNamespace('default'),
      undo: close,
      objects: ['default', 'started in'],
    },
    { what: 'of a handle', run: () => core.resolveNamespace(red), right: isRedHandle, undo: close, objects: ['NS('] },
    {
      what: 'of { name, dir }',
      run: () => core.resolveNamespace({ name: RED, dir: '/run/netns' }),
      right: isRedHandle,
      undo: close,
      objects: [RED],
    },
    {
      what: 'of { fd }',
      run: () => core.resolveNamespace({ fd: red.fd }),
      right: isRedHandle,
      undo: close,
      objects: ['file descriptor'],
    },
    {
      what: 'of { pid, tid }',
      run: () => core.resolveNamespace({ pid: process.pid, tid: process.pid }),
      undo: close,
      objects: ['thread'],
    },
  ],
  get: { run: () => core.get(), undo: close, objects: ["caller's namespace"] },
  currentNamespace: { run: () => core.currentNamespace(), undo: close, objects: ["caller's namespace"] },
  homeNamespace: { run: () => core.homeNamespace(), undo: close, objects: ['started in'] },
  getFromName: { run: () => core.getFromName(RED), right: isRedHandle, undo: close, objects: [RED] },
  getFromPath: { run: () => core.getFromPath(`/run/netns/${RED}`), right: isRedHandle, undo: close, objects: [RED] },
  getFromPid: { run: () => core.getFromPid(process.pid), undo: close, objects: ['process'] },
  getFromThread: { run: () => core.getFromThread(process.pid, process.pid), undo: close, objects: ['thread'] },
  getFromDocker: {
    run: () => {
      try {
        core.getFromDocker('abcdef');
      } catch (error) {
        if (error.code !== 'ENOENT') throw error;
      }
    },
    objects: ['abcdef'],
  },
  NetnsHandle: { what: 'dup, close', run: () => red.dup(), undo: close, right: isRedHandle, objects: ['NS('] },
  none: { run: () => core.none(), undo: close },
  set: { run: () => core.set(red), undo: goHome, moves: true, objects: ['NS('] },
  setns: { run: () => core.setns(red, 0), undo: goHome, moves: true, objects: ['NS('] },
  newNetns: {
    run: () => core.newNetns(),
    undo: (handle) => {
      handle.close();
      goHome();
    },
    moves: true,
    objects: ['network namespace', 'new namespace', "caller's namespace"],
  },
  newNamed: {
    before: fresh,
    run: () => core.newNamed(name),
    undo: (handle) => {
      handle.close();
      goHome();
      removeName();
    },
    always: removeName,
    moves: true,
    objects: () => [name, '/run/netns', "caller's namespace", 'network namespace', 'new namespace'],
  },
  addNamed: [
    {
      what: 'in /run/netns',
      before: fresh,
      run: () => core.addNamed(name),
      undo: (handle) => {
        handle.close();
        removeName();
      },
      always: removeName,
      objects: () => [name, '/run/netns', "caller's namespace", 'network namespace'],
    },
    {
      what: 'in a directory that is not a mount yet',
      before: fresh,
      run: () => core.addNamed('x', { dir: `/run/dir-${name}` }),
      undo: (handle) => {
        handle.close();
        core.deleteNamed('x', { dir: `/run/dir-${name}` });
      },
      objects: () => ['x', `/run/dir-${name}`, "caller's namespace", 'network namespace'],
    },
  ],
  addNamedAsync: {
    before: fresh,
    run: () => core.addNamedAsync(name),
    undo: (handle) => {
      handle.close();
      removeName();
    },
    always: removeName,
    objects: () => [name],
    elsewhere: 'its calls are made on a thread of their own, from outside they fail by strace',
  },
  addUnnamedAsync: {
    run: () => core.addUnnamedAsync(),
    undo: close,
    objects: ['namespace'],
    elsewhere: 'its calls are made on a thread of their own, from outside they fail by strace',
  },
  deleteNamed: {
    before: () => {
      fresh();
      core.addNamed(name).close();
    },
    run: () => core.deleteNamed(name),
    always: removeName,
    objects: () => [name],
  },
  attachNamed: {
    before: fresh,
    run: () => core.attachNamed(name, RED),
    undo: (handle) => {
      handle.close();
      removeName();
    },
    always: removeName,
    right: isRedHandle,
    objects: () => [name, RED, '/run/netns'],
  },
  deleteNamedAsync: {
    before: () => {
      fresh();
      core.addNamed(name).close();
    },
    run: () => core.deleteNamedAsync(name),
    always: removeName,
    objects: () => [name],
    elsewhere: 'its calls are made on a thread of their own, from outside they fail by strace',
  },
  identify: { run: () => core.identify(RED), right: (names) => names.includes(RED), objects: [RED] },
  listNamed: { run: () => core.listNamed(), right: (names) => names.includes(RED), objects: ['/run/netns'] },
  listNamespaces: {
    run: () => core.listNamespaces(),
    right: (list) => list.some((info) => info.names.includes(RED)),
    objects: ['namespace'],
  },
  listNamespacesAsync: {
    run: () => core.listNamespacesAsync(),
    right: (list) => list.some((info) => info.names.includes(RED)),
    objects: ['namespace'],
  },
  watchNamed: {
    run: async () => {
      const watch = core.watchNamed({ listExisting: true, handles: true });
      try {
        const { value } = await watch.next();
        value.handle?.close();
        return value;
      } finally {
        await watch.return();
      }
    },
    objects: ['/run/netns', RED],
  },
  subscribeNamed: {
    run: () =>
      core.subscribeNamed(
        () => {},
        () => {},
        { listExisting: true },
      ),
    undo: close,
    objects: ['/run/netns'],
  },
  openSocket: [
    {
      what: 'in red',
      run: () => core.openSocket({ namespace: RED, family: 'ipv4', type: 'stream' }),
      right: isRedSocket,
      undo: closeFd,
      objects: [RED, 'socket'],
    },
    {
      what: 'at home',
      run: () => core.openSocket({ namespace: '', family: 'ipv4', type: 'dgram' }),
      undo: closeFd,
      objects: ['socket'],
    },
    {
      what: 'with every option, IPv4',
      run: () => core.openSocket({ namespace: RED, ...both }),
      right: isRedSocket,
      undo: closeFd,
      objects: [RED, 'socket', ...Object.keys(both)],
    },
    {
      what: 'with every option, IPv6',
      run: () => core.openSocket({ namespace: red, ...both, family: 'ipv6', ipv6Only: true }),
      right: isRedSocket,
      undo: closeFd,
      objects: ['NS(', 'socket', 'ipv6Only', ...Object.keys(both)],
    },
  ],
  connectBroker: {
    before: startBroker,
    run: () => {
      const source = core.connectBroker(BROKER);
      try {
        return source.open({ namespace: RED, family: 'ipv4', type: 'stream' });
      } finally {
        source.close();
      }
    },
    right: isRedSocket,
    undo: closeFd,
    objects: [BROKER, 'socket'],
  },
  SocketReserve: {
    run: () => {
      const reserve = new core.SocketReserve({ namespace: RED, priority: 5 });
      const fds = [];
      try {
        for (let times = 0; times < 3; times += 1) fds.push(reserve.open('ipv4', 'stream'));
        return fds;
      } catch (error) {
        for (const fd of fds) closeFd(fd);
        throw error;
      } finally {
        reserve.close?.();
      }
    },
    right: (fds) => fds.every(isRedSocket),
    undo: (fds) => fds.forEach(closeFd),
    objects: [RED, 'socket'],
  },
  namespaceCookie: { run: () => core.namespaceCookie(RED), objects: [RED, 'cookie', 'socket'] },
  socketNamespaceCookie: {
    run: () => {
      const fd = core.openSocket({ namespace: '', family: 'ipv4', type: 'stream' });
      try {
        return core.socketNamespaceCookie(fd);
      } finally {
        closeFd(fd);
      }
    },
    objects: ['socket', 'cookie'],
  },
  spawnInNamespace: [
    { what: 'plain', run: () => spawnAndWait({}), right: isRed, objects: [RED] },
    { what: 'with netnsEtc', run: () => spawnAndWait({ netnsEtc: true }), right: isRed, objects: [RED] },
  ],
  NamespaceWorker: {
    run: () => new core.NamespaceWorker(RED, '', { eval: true, stdout: true, stderr: true }),
    undo: (worker) => once(worker, 'exit'),
    objects: [RED],
  },
};

async function spawnAndWait(options) {
  const child = core.spawnInNamespace(RED, 'readlink', ['/proc/self/ns/net'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...options,
  });
  let text = '';
  // Node makes none if it has no descriptor left.
  child.stdout?.on('data', (part) => {
    text += part;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new core.NetnsError(`readlink in namespace ${RED} ended with ${code}`, { code: 'EXIT' });
  return text.trim();
}

/** Exports that make no system call. It is verified that they make none. */
export const withoutCalls = {
  socketSource: () => core.socketSource(),
  useSocketSource: () => core.useSocketSource(core.hopSource),
  isThreadPoisoned: () => core.isThreadPoisoned(),
  parseAddress: () => core.parseAddress('red/192.0.2.1:80'),
  vrfToNetns: () => core.vrfToNetns('red'),
};
