// What the packages do where the system says no. Each limit is a way to start a process under it; each check is
// something that it does there, and how that ends: it works, or with an error that names the limit and the way out.
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import http from 'node:http';
import { linkAdd, linkList, Netlink, routes } from 'netlink-links';
import * as core from 'netns-core';
import { sys } from 'netns-core/sys';
import * as dial from 'vrf-dial';

const place = () => readlinkSync('/proc/thread-self/ns/net');
const open = (options) => core.openSocket({ family: 'ipv4', type: 'stream', ...options });
const opened = (options) => sys().close(open(options));

/** A request to a server in `red`, by an agent. */
async function request() {
  const server = http.createServer((_request, response) => response.end('red'));
  const listener = await dial.listenInVrf(server, { namespace: 'red', host: '127.0.0.1', port: 0 });
  const agent = new dial.VrfAgent({ namespace: 'red' });
  try {
    const { body } = await agent.request({
      origin: `http://127.0.0.1:${listener.address().port}`,
      path: '/',
      method: 'GET',
    });
    if ((await body.text()) !== 'red') throw new Error('a wrong server');
  } finally {
    await agent.destroy();
    await listener.close();
  }
}

/** Calls until it fails, gives everything back, and throws what it failed with. */
async function untilFull(make, end, most = 200) {
  const made = [];
  try {
    for (let count = 0; count < most; count += 1) made.push(await make());
  } finally {
    for (const one of made.reverse()) await end(one);
  }
}

async function firstOf(iterator) {
  try {
    return await iterator.next();
  } finally {
    await iterator.return();
  }
}

async function spawned(options = {}) {
  const child = core.spawnInNamespace('red', 'true', [], { stdio: 'ignore', ...options });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`ended with ${code}`);
}

async function worker(options = {}) {
  const thread = new core.NamespaceWorker('red', options.source ?? '', { eval: true, ...options });
  thread.on('error', () => {});
  const failed = once(thread, 'error').then(([error]) => Promise.reject(error));
  await Promise.race([once(thread, 'exit').then(([code]) => (code === 0 ? undefined : failed)), failed]);
}

async function netlink(use) {
  const connection = Netlink.open('red');
  try {
    return await use(connection);
  } finally {
    connection.close();
  }
}

/** How many namespaces are made, unless all of them are asked for. */
const FEW = 512;

async function manyNamespaces() {
  const count = process.env.LIMITS_FULL ? 4096 : FEW;
  const times = [];
  const timed = async (what, run) => {
    const started = performance.now();
    const result = await run();
    times.push(`${what} ${((performance.now() - started) / 1000).toFixed(1)} s`);
    return result;
  };
  const names = Array.from({ length: count }, (_, index) => `many${index}`);
  const watched = new Set();
  const watch = core.watchNamed();
  const watching = (async () => {
    for await (const { type, name } of watch) if (type === 'added') watched.add(name);
  })();
  await timed('made', () => Promise.all(names.map(async (name) => (await core.addNamedAsync(name)).close())));
  await timed('listed', () => {
    if (core.listNamed().filter((name) => name.startsWith('many')).length !== count)
      throw new Error('not all are listed');
  });
  await timed('entered', () => {
    if (new Set(names.map((name) => core.runInNamespace(name, place))).size !== count)
      throw new Error('some are the same');
  });
  await timed('dialled', async () => {
    for (const name of names.slice(0, 20)) {
      const refused = await dial.dial({ namespace: name, host: '127.0.0.1', port: 9, timeout: 5000 }).then(
        (socket) => socket.destroy(),
        (error) => error,
      );
      if (!(refused instanceof core.NetnsError)) throw new Error(`nothing listens in ${name}`);
    }
  });
  await timed('watched', async () => {
    for (let waited = 0; watched.size < count && waited < 300; waited += 1)
      await new Promise((resolve) => setTimeout(resolve, 100));
    if (watched.size < count) throw new Error(`only ${watched.size} of ${count} were told`);
  });
  await watch.return();
  await watching;
  await timed('deleted', () => {
    for (const name of names) core.deleteNamed(name);
  });
  return `${count}: ${times.join(', ')}`;
}

const openFds = () => readdirSync('/proc/self/fd').length;
let fdsBefore = 0;

async function manyAgents() {
  const server = http.createServer((_request, response) => response.end('red'));
  const listener = await dial.listenInVrf(server, { namespace: 'red', host: '127.0.0.1', port: 0 });
  const origin = `http://127.0.0.1:${listener.address().port}`;
  await new Promise((resolve) => setTimeout(resolve, 1500));
  fdsBefore = openFds();
  const memory = process.memoryUsage().rss;
  const started = performance.now();
  const agents = Array.from({ length: 10_000 }, () => new dial.VrfAgent({ namespace: 'red' }));
  for (const agent of agents.slice(0, 100)) {
    const { body } = await agent.request({ origin, path: '/', method: 'GET' });
    if ((await body.text()) !== 'red') throw new Error('a wrong server');
  }
  const each = (process.memoryUsage().rss - memory) / agents.length / 1024;
  await Promise.all(agents.map((agent) => agent.close()));
  server.closeAllConnections();
  const seconds = (performance.now() - started) / 1000;
  closeServer = () => listener.close();
  return `${seconds.toFixed(1)} s, ${each.toFixed(1)} KB each`;
}

let closeServer = () => {};

async function nothingLeft() {
  for (let waited = 0; openFds() > fdsBefore && waited < 50; waited += 1)
    await new Promise((resolve) => setTimeout(resolve, 100));
  const left = openFds() - fdsBefore;
  await closeServer();
  if (left > 0) throw new Error(`${left} file descriptors are left`);
}

/** Everything that a server does, for limits that must not matter. */
const ALL_WORKS = [
  ['runInNamespace', () => core.runInNamespace('red', place), 'works'],
  ['openSocket in a namespace', () => opened({ namespace: 'red' }), 'works'],
  ['a server and a request in a namespace', request, 'works'],
  ['Netlink.open, linkList', () => netlink((connection) => connection.linkList()), 'works'],
  ['listNamed', () => core.listNamed(), 'works'],
];

const TO_ENTER = 'CAP_SYS_ADMIN';

/** @type {{ title: string, start: string, checks: [does: string, run: () => unknown, outcome: string, says?: string][] }[]} */
export const LIMITS = [
  {
    title: 'Few file descriptors (`ulimit -n 40`)',
    start: 'ulimit -n 40',
    checks: [
      ...ALL_WORKS,
      [
        'a thousand hops',
        () => {
          for (let times = 0; times < 1000; times += 1) core.runInNamespace('red', place);
        },
        'works',
      ],
      [
        'a hundred requests, one after the other',
        async () => {
          for (let times = 0; times < 100; times += 1) await request();
        },
        'works',
      ],
      [
        'openSocket until there is no descriptor left',
        () =>
          untilFull(
            () => open({ namespace: 'red' }),
            (fd) => sys().close(fd),
          ),
        'EMFILE',
        'ulimit -n',
      ],
      [
        'resolveNamespace until there is none left',
        () =>
          untilFull(
            () => core.resolveNamespace('red'),
            (handle) => handle.close(),
          ),
        'EMFILE',
        'ulimit -n',
      ],
      [
        'Netlink.open until there is none left',
        () =>
          untilFull(
            () => {
              const connection = Netlink.open('red');
              connection.sync.linkList();
              return connection;
            },
            (connection) => connection.close(),
          ),
        'EMFILE',
        'ulimit -n',
      ],
      [
        'createUdpSocket until there is none left',
        () =>
          untilFull(
            () => dial.createUdpSocket({ namespace: 'red', type: 'udp4' }),
            (socket) => new Promise((resolve) => socket.close(resolve)),
          ),
        'EMFILE',
        'ulimit -n',
      ],
      [
        'addNamed when there is none left',
        async () => {
          const fds = [];
          try {
            for (;;) fds.push(open({}));
          } catch {}
          try {
            core.addNamed('full');
          } finally {
            for (const fd of fds) sys().close(fd);
          }
        },
        'EMFILE',
        'ulimit -n',
      ],
      ['everything again once they are closed', request, 'works'],
    ],
  },
  {
    title: 'Without CAP_SYS_ADMIN',
    start: 'drop sys_admin',
    checks: [
      ['runInNamespace', () => core.runInNamespace('red', place), 'EPERM', TO_ENTER],
      ['openSocket in a namespace', () => opened({ namespace: 'red' }), 'EPERM', TO_ENTER],
      ['dial in a namespace', () => dial.dial({ namespace: 'red', host: '127.0.0.1', port: 9 }), 'EPERM', TO_ENTER],
      [
        'listenInVrf in a namespace',
        () =>
          dial
            .listenInVrf(http.createServer(), { namespace: 'red', port: 0 })
            .then((listener) =>
              once(listener, 'error').then(([error]) => listener.close().then(() => Promise.reject(error))),
            ),
        'EPERM',
        TO_ENTER,
      ],
      ['Netlink.open in a namespace', () => netlink((connection) => connection.linkList()), 'EPERM', TO_ENTER],
      ['spawnInNamespace', () => spawned(), 'EPERM', TO_ENTER],
      ['NamespaceWorker', () => worker(), 'EPERM', TO_ENTER],
      ['addNamed', () => core.addNamed('new'), 'EPERM', TO_ENTER],
      ['addNamedAsync', () => core.addNamedAsync('new'), 'EPERM', TO_ENTER],
      ['newNetns', () => core.newNetns(), 'EPERM', TO_ENTER],
      ['deleteNamed', () => core.deleteNamed('red'), 'EPERM', TO_ENTER],
      ['openSocket at home', () => opened({ namespace: '' }), 'works'],
      ['linkList at home', () => linkList(), 'works'],
      [
        'listNamed, resolveNamespace',
        () => {
          core.listNamed();
          core.resolveNamespace('red').close();
        },
        'works',
      ],
      ['watchNamed', () => firstOf(core.watchNamed({ listExisting: true })), 'works'],
    ],
  },
  {
    title: 'Without CAP_NET_ADMIN',
    start: 'drop net_admin',
    checks: [
      ...ALL_WORKS,
      ['openSocket with transparent', () => opened({ namespace: 'red', transparent: true }), 'works'],
      ['linkAdd', () => linkAdd({ type: 'bridge', name: 'br9' }), 'EPERM', 'CAP_NET_ADMIN'],
      ['addNamed', () => core.addNamed('new').close(), 'works'],
    ],
  },
  {
    title: 'Without CAP_NET_RAW',
    start: 'drop net_raw',
    checks: [
      ...ALL_WORKS,
      ['openSocket with interface', () => opened({ namespace: 'red', interface: 'lo' }), 'works'],
      ['openSocket with mark and priority', () => opened({ namespace: 'red', mark: 7, priority: 5 }), 'works'],
    ],
  },
  {
    title: 'Without CAP_NET_ADMIN and CAP_NET_RAW',
    start: 'drop net_admin,-net_raw',
    checks: [
      ...ALL_WORKS,
      ['openSocket with mark', () => opened({ namespace: 'red', mark: 7 }), 'EPERM', 'CAP_NET_ADMIN'],
      ['openSocket with transparent', () => opened({ namespace: 'red', transparent: true }), 'EPERM', 'CAP_NET_ADMIN'],
    ],
  },
  {
    title: 'Without CAP_SYS_PTRACE',
    start: 'drop sys_ptrace',
    checks: [...ALL_WORKS, ['listNamespaces', () => core.listNamespaces(), 'works']],
  },
  {
    title: 'Without CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH',
    start: 'drop dac_override,-dac_read_search',
    checks: [...ALL_WORKS, ['addNamed', () => core.addNamed('new').close(), 'works']],
  },
  {
    title: 'Without CAP_SYS_CHROOT, CAP_MKNOD, CAP_SETUID and CAP_SETGID',
    start: 'drop sys_chroot,-mknod,-setuid,-setgid',
    checks: [
      ...ALL_WORKS,
      ['addNamed', () => core.addNamed('new').close(), 'works'],
      ['spawnInNamespace with netnsEtc', () => spawned({ netnsEtc: true }), 'works'],
    ],
  },
  {
    title: 'No inotify (`user.max_inotify_instances` is 0)',
    start: 'sysctl inotify_instances',
    checks: [
      ...ALL_WORKS,
      ['watchNamed', () => firstOf(core.watchNamed({ listExisting: true })), 'EMFILE', 'max_user_instances'],
    ],
  },
  {
    title: 'No further network namespaces (`user.max_net_namespaces` is 0)',
    start: 'sysctl net_namespaces',
    checks: [
      ...ALL_WORKS,
      ['addNamed', () => core.addNamed('new'), 'ENOSPC', 'user.max_net_namespaces'],
      ['addNamedAsync', () => core.addNamedAsync('new'), 'ENOSPC', 'user.max_net_namespaces'],
      ['newNetns', () => core.newNetns(), 'ENOSPC', 'user.max_net_namespaces'],
    ],
  },
  {
    title: 'A full /run',
    start: 'mount full',
    checks: [
      ['addNamed', () => core.addNamed('new'), 'ENOSPC', '/run/netns'],
      ['addNamedAsync', () => core.addNamedAsync('new'), 'ENOSPC', '/run/netns'],
      ['listNamed', () => core.listNamed(), 'works'],
      ['runInNamespace by path', () => core.runInNamespace({ path: '/proc/self/ns/net' }, place), 'works'],
    ],
  },
  {
    title: 'A read-only /run',
    start: 'mount read-only',
    checks: [
      ...ALL_WORKS,
      ['addNamed', () => core.addNamed('new'), 'EROFS', '/run/netns'],
      ['addNamedAsync', () => core.addNamedAsync('new'), 'EROFS', '/run/netns'],
    ],
  },
  {
    title: 'No /proc',
    start: 'mount no-proc',
    checks: [
      ['openSocket at home', () => opened({ namespace: '' }), 'works'],
      ['listNamed', () => core.listNamed(), 'works'],
      ['addNamed', () => core.addNamed('new'), 'ENOENT', '/proc'],
      ['getFromPid', () => core.getFromPid(1), 'ENOENT', '/proc'],
      ['listNamespaces', () => core.listNamespaces(), 'ENOENT', '/proc'],
    ],
  },
  {
    title: '/proc with hidepid=2, as another user',
    start: 'mount hidepid',
    checks: [
      ['openSocket at home', () => opened({ namespace: '' }), 'works'],
      [
        'getFromPid of a process of root',
        () => core.getFromPid(Number(process.env.ROOTS_PROCESS)),
        'ENOENT',
        'hidepid',
      ],
      ['listNamespaces', () => core.listNamespaces(), 'works'],
    ],
  },
  {
    title: 'Little memory',
    start: 'memory',
    checks: [
      [
        'routes() over 20,000 routes, with 40 MB of heap',
        async () => {
          let count = 0;
          for await (const _route of routes({ table: 'all' })) count += 1;
          if (count < 20_000) throw new Error(`only ${count}`);
        },
        'works',
      ],
      [
        'NamespaceWorker that uses more than its limit',
        () =>
          worker({
            resourceLimits: { maxOldGenerationSizeMb: 6 },
            source: 'const all = []; for (;;) all.push(new Array(1000).fill(all));',
          }),
        'ERR_WORKER_OUT_OF_MEMORY',
        'memory limit',
      ],
      ['the caller goes on after that', () => core.runInNamespace('red', place), 'works'],
    ],
  },
  {
    title: 'Many namespaces',
    start: 'many namespaces',
    checks: [
      [
        `${FEW.toLocaleString('en')} namespaces (4,096 with \`--full\`): made, listed, watched, entered, dialled, deleted`,
        manyNamespaces,
        'works',
      ],
    ],
  },
  {
    title: 'Many agents',
    start: 'many agents',
    checks: [
      ['10,000 VrfAgents of one namespace, a request by a hundred of them, all closed', manyAgents, 'works'],
      ['nothing of them is left: no descriptor, no watch', () => nothingLeft(), 'works'],
    ],
  },
];
