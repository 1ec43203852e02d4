// Unchanged programs under `vrf-dial/register`, each in a process of its own. At home there is a trap on every port.
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ip, makeNamespaces, type ProgramResult, runProgram, uniqueName } from '#testkit';
import {
  type Certificate,
  http2ServerIn,
  httpServerIn,
  httpsServerIn,
  makeCertificate,
  type RunningServer,
  serveIn,
} from './servers.ts';

const red = uniqueName('r');
const blue = uniqueName('b');
const [RED, BLUE] = [`ns-${red}`, `ns-${blue}`];
const [HTTP, HTTPS, HTTP2, TCP] = [8080, 8443, 8444, 9000];
const DIST = new URL('../dist/', import.meta.url);
const IMPORT = `--import=${new URL('register.js', DIST).href}`;
const REQUIRE = `--require=${fileURLToPath(new URL('register.cjs', DIST))}`;

let namespaces: ReturnType<typeof makeNamespaces>;
let certificate: Certificate;
const inside: RunningServer[] = [];
const traps: Server[] = [];
let trapped = 0;

beforeAll(async () => {
  namespaces = makeNamespaces(RED, BLUE);
  for (const name of [RED, BLUE]) {
    mkdirSync(`/etc/netns/${name}`, { recursive: true });
    writeFileSync(`/etc/netns/${name}/hosts`, '127.0.0.1 server.example\n');
  }
  certificate = makeCertificate(['DNS:server.example', 'IP:127.0.0.1']);
  for (const name of [RED, BLUE]) inside.push(await httpServerIn(name, '127.0.0.1', HTTP));
  inside.push(await httpsServerIn(RED, '127.0.0.1', HTTPS, certificate));
  inside.push(await http2ServerIn(RED, '127.0.0.1', HTTP2, certificate));
  inside.push(
    await serveIn(
      RED,
      createServer((socket) => socket.end(RED)),
      '127.0.0.1',
      TCP,
    ),
  );
  for (const port of [HTTP, HTTPS, HTTP2, TCP]) {
    const trap = createServer((socket) => {
      trapped += 1;
      socket.destroy();
    });
    trap.listen(port, '127.0.0.1');
    await once(trap, 'listening');
    traps.push(trap);
  }
});

afterAll(async () => {
  for (const trap of traps) trap.close();
  for (const server of inside) await server.close();
  namespaces.remove();
  for (const name of [RED, BLUE]) rmSync(`/etc/netns/${name}`, { recursive: true });
});

afterEach(() => {
  expect(trapped).toBe(0);
});

/** Runs a program whose last line is JSON. */
async function registered(
  source: string,
  options: { type?: 'module' | 'commonjs'; env?: NodeJS.ProcessEnv } = {},
): Promise<Record<string, unknown>> {
  const { stdout, stderr, code } = await runProgram(source, {
    ...options,
    timeout: 60_000,
    env: { NODE_OPTIONS: options.type === 'commonjs' ? REQUIRE : IMPORT, VRF: red, ...options.env },
  });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
}

/** What a program has of modules, in both kinds of module. */
function modules(type: 'module' | 'commonjs'): string {
  const names = ['http', 'https', 'http2', 'net', 'tls', 'dns', 'dgram', 'util', 'events', 'undici'];
  const node = (name: string): string => (name === 'undici' ? name : `node:${name}`);
  return names
    .map((name) =>
      type === 'module' ? `import * as ${name} from '${node(name)}';` : `const ${name} = require('${node(name)}');`,
    )
    .join('\n');
}

const clients = (type: 'module' | 'commonjs'): string => `
  ${modules(type)}
  ${type === 'module' ? "import { createRequire } from 'node:module'; import { connect } from 'node:net'; import { lookup } from 'node:dns/promises';" : "const { createRequire } = require('node:module'); const { connect } = require('node:net'); const { lookup } = require('node:dns/promises');"}
  const ofVrfDial = createRequire(${JSON.stringify(fileURLToPath(new URL('../package.json', import.meta.url)))});
  const ca = ${JSON.stringify(certificate.ca)};
  const url = 'http://127.0.0.1:${HTTP}/', named = 'http://server.example:${HTTP}/';
  const secure = 'https://127.0.0.1:${HTTPS}/', secureNamed = 'https://server.example:${HTTPS}/';
  const text = async (stream) => { let all = ''; for await (const part of stream) all += part; return all; };
  const get = async (module, ...args) => text((await events.once(module.get(...args), 'response'))[0]);
  const calls = {
    fetch: async () => (await fetch(url)).text(),
    'fetch by name': async () => (await fetch(named)).text(),
    'undici.fetch': async () => (await undici.fetch(url)).text(),
    'undici.request': async () => (await undici.request(named)).body.text(),
    'undici.Pool': async () => { const pool = new undici.Pool(secureNamed, { connect: { ca } }); const answer = await (await pool.request({ path: '/', method: 'GET' })).body.text(); await pool.close(); return answer; },
    'undici 6': async () => (await ofVrfDial('undici6').request(url)).body.text(),
    axios: async () => (await ofVrfDial('axios').get(named)).data,
    'http.get': () => get(http, url),
    'http.get by name': () => get(http, named),
    'http.get, new Agent': () => get(http, url, { agent: new http.Agent({ keepAlive: true, maxSockets: 1 }) }),
    'http.get, agent: false': () => get(http, url, { agent: false }),
    'http.get, createConnection': () => get(http, url, { createConnection: (options) => net.connect(options.port, options.host) }),
    'http.get, lookup': () => get(http, { host: 'nowhere.example', port: ${HTTP}, lookup: (name, options, callback) => options.all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4) }),
    'https.get': () => get(https, secure, { ca }),
    'https.get by name': () => get(https, secureNamed, { ca }),
    'net.connect': () => text(net.connect(${TCP}, '127.0.0.1')),
    'net.connect, options': () => text(net.connect({ port: ${TCP}, host: 'server.example' })),
    'net.connect, localhost': () => text(net.connect(${TCP})),
    'connect, named import': () => text(connect({ port: '${TCP}', host: '127.0.0.1', localAddress: '127.0.0.1' })),
    'net.Socket': () => text(new net.Socket().connect(${TCP}, 'server.example', () => {})),
    'net.Socket, again': async () => {
      const socket = new net.Socket();
      const all = [];
      for (let time = 0; time < 3; time += 1) {
        socket.connect(${TCP}, '127.0.0.1');
        const [data] = await events.once(socket, 'data');
        all.push(String(data));
        await events.once(socket, 'close');
      }
      return new Set(all).size === 1 ? all[0] : all;
    },
    'tls.connect': async () => { const socket = tls.connect({ port: ${HTTPS}, host: '127.0.0.1', ca }); await events.once(socket, 'secureConnect'); socket.write('GET / HTTP/1.0\\r\\n\\r\\n'); return (await text(socket)).split('\\r\\n\\r\\n')[1]; },
    'tls.connect over net.connect': async () => { const socket = tls.connect({ socket: net.connect(${HTTPS}, '127.0.0.1'), servername: 'server.example', ca }); socket.write('GET / HTTP/1.0\\r\\n\\r\\n'); return (await text(socket)).split('\\r\\n\\r\\n')[1]; },
    'http2.connect': async () => { const session = http2.connect('https://127.0.0.1:${HTTP2}', { ca }); const answer = await text(session.request({ ':path': '/' })); session.close(); return answer; },
    'dns.lookup': () => new Promise((resolve) => dns.lookup('server.example', (error, address, family) => resolve([error, address, family]))),
    'dns.lookup, all': () => new Promise((resolve) => dns.lookup('server.example', { all: true }, (error, list) => resolve(list))),
    'dns.lookup, promisified': () => util.promisify(dns.lookup)('server.example'),
    'dns.promises.lookup': () => dns.promises.lookup('server.example', { family: 4 }),
    'lookup of dns/promises': () => lookup('server.example', { all: true }),
  };
  (async () => {
    const results = {};
    for (const [name, call] of Object.entries(calls)) results[name] = await call().catch((error) => String(error.stack) + String(error.cause));
    console.log(JSON.stringify(results));
    process.exit();
  })();`;

/** What {@link clients} prints. */
const fromRed = {
  ...Object.fromEntries(
    [
      ...['fetch', 'fetch by name', 'undici.fetch', 'undici.request', 'undici.Pool', 'undici 6', 'axios', 'http.get'],
      ...['http.get by name', 'http.get, new Agent', 'http.get, agent: false', 'http.get, createConnection'],
      ...['http.get, lookup', 'https.get', 'https.get by name', 'net.connect', 'net.connect, options'],
      ...['net.connect, localhost', 'connect, named import', 'net.Socket', 'net.Socket, again', 'tls.connect'],
      ...['tls.connect over net.connect', 'http2.connect'],
    ].map((name) => [name, RED]),
  ),
  'dns.lookup': [null, '127.0.0.1', 4],
  'dns.lookup, all': [{ address: '127.0.0.1', family: 4 }],
  'dns.lookup, promisified': { address: '127.0.0.1', family: 4 },
  'dns.promises.lookup': { address: '127.0.0.1', family: 4 },
  'lookup of dns/promises': [{ address: '127.0.0.1', family: 4 }],
};

// Threads and processes take seconds to start on a machine that is busy.
describe('an unchanged program', { timeout: 60_000 }, () => {
  it.each(['module', 'commonjs'] as const)('connects and resolves in the VRF with every client (%s)', async (type) => {
    expect(await registered(clients(type), { type })).toEqual(fromRed);
  });

  it('has its errors from the VRF, with the codes of its own', async () => {
    const program = `import net from 'node:net'; import http from 'node:http'; import { once } from 'node:events';
      const failure = (emitter) => once(emitter, 'connect').then(() => 'connected', ({ code, errno, syscall }) => [code, errno, syscall]);
      const twice = net.connect(${TCP}, '127.0.0.1'); await once(twice, 'connect'); twice.connect(${TCP}, '127.0.0.1');
      const [again] = await once(twice, 'error');
      const said = {
        refused: await failure(net.connect(1, '127.0.0.1')),
        'no route': await failure(net.connect(1, '192.0.2.1')),
        http: await new Promise((resolve) => http.get('http://localhost:1/').on('error', ({ code }) => resolve(code))),
        again: again.code,
        'bad port': (() => { try { net.connect(70000); } catch (error) { return error.code; } })(),
        'no argument': (() => { try { new net.Socket().connect({}); } catch (error) { return error.code; } })(),
      };
      console.log(JSON.stringify(said)); process.exit();`;
    expect(await registered(program)).toEqual({
      refused: ['ECONNREFUSED', -111, 'connect'],
      'no route': ['ENETUNREACH', -101, 'connect'],
      http: 'ECONNREFUSED',
      again: 'EISCONN',
      'bad port': 'ERR_SOCKET_BAD_PORT',
      'no argument': 'ERR_MISSING_ARGS',
    });
  });

  it('listens at home, and keeps its UNIX sockets and its own servers on them', async () => {
    const program = `import net from 'node:net'; import http from 'node:http'; import { once } from 'node:events'; import { readlinkSync } from 'node:fs';
      const file = process.argv[1] + '.sock';
      const server = http.createServer((_, response) => response.end('by path')).listen(file); await once(server, 'listening');
      const [response] = await once(http.get({ socketPath: file }), 'response'); let all = ''; for await (const part of response) all += part;
      const home = net.createServer().listen(0, '127.0.0.1'); await once(home, 'listening');
      const own = net.connect(home.address().port, '127.0.0.1'); const [error] = await once(own, 'error');
      console.log(JSON.stringify({ all, own: error.code, thread: readlinkSync('/proc/self/ns/net') })); process.exit();`;
    expect(await registered(program)).toEqual({
      all: 'by path',
      own: 'ECONNREFUSED',
      thread: expect.stringMatching(/^net:/),
    });
  });

  it('may use vrf-dial and netns-core for other namespaces', async () => {
    const program = `
      import http from 'node:http'; import { once } from 'node:events'; import { execFileSync } from 'node:child_process'; import { readlinkSync } from 'node:fs';
      import { createRequire } from 'node:module';
      import { createUdpSocket, createVrfFetch, createVrfSocket, dial, VrfHttpAgent } from 'vrf-dial';
      import { NamespaceWorker, runInNamespace, spawnInNamespace } from 'netns-core';
      const target = { vrf: '${blue}' }, url = 'http://server.example:${HTTP}/';
      const text = async (stream) => { let all = ''; for await (const part of stream) all += part; return all; };
      const ask = async (socket) => { socket.write('GET / HTTP/1.0\\r\\n\\r\\n'); return (await text(socket)).split('\\r\\n\\r\\n')[1]; };
      const blueFetch = createVrfFetch(target);
      const inWorker = async (Worker, ...rest) => (await once(new Worker(...rest), 'message'))[0];
      const said = {
        createVrfFetch: await (await blueFetch(url)).text(),
        'createVrfFetch of CommonJS': await (await createRequire(import.meta.url)('vrf-dial').createVrfFetch(target)(url)).text(),
        VrfHttpAgent: await text((await once(http.get(url, { agent: new VrfHttpAgent(target) }), 'response'))[0]),
        dial: await ask(await dial({ ...target, host: 'server.example', port: ${HTTP} })),
        createVrfSocket: await ask(createVrfSocket(target).connect(${HTTP}, '127.0.0.1')),
        NamespaceWorker: await inWorker(NamespaceWorker, '${BLUE}', \`fetch('http://127.0.0.1:${HTTP}/').then((response) => response.text()).then((text) => require('node:worker_threads').parentPort.postMessage(text))\`, { eval: true }),
      };
      const udp = await createUdpSocket({ ...target, type: 'udp4', bind: { port: 0 } });
      said.createUdpSocket = udp.address().port > 0;
      udp.close();
      const child = spawnInNamespace('${BLUE}', 'readlink', ['/proc/self/ns/net'], { stdio: ['ignore', 'pipe', 'inherit'] });
      const there = runInNamespace('${BLUE}', () => readlinkSync('/proc/thread-self/ns/net'));
      said.spawnInNamespace = (await text(child.stdout)).trim() === there;
      said.execFileSync = runInNamespace('${BLUE}', () => execFileSync('readlink', ['/proc/self/ns/net'], { encoding: 'utf8' })).trim() === there;
      console.log(JSON.stringify(said)); process.exit();`;
    expect(await registered(program)).toEqual({
      ...Object.fromEntries(
        ['createVrfFetch', 'createVrfFetch of CommonJS', 'VrfHttpAgent', 'dial', 'createVrfSocket'].map((name) => [
          name,
          BLUE,
        ]),
      ),
      NamespaceWorker: BLUE,
      createUdpSocket: true,
      spawnInNamespace: true,
      execFileSync: true,
    });
  });

  it('has the VRF in its worker threads, whatever their options are', async () => {
    const program = `
      import { Worker } from 'node:worker_threads'; import { once } from 'node:events';
      const code = \`const dgram = require('node:dgram'), { parentPort, Worker } = require('node:worker_threads');
        const refused = (() => { try { dgram.createSocket('udp4'); } catch ({ code }) { return code; } })();
        fetch('http://server.example:${HTTP}/').then((response) => response.text()).then((text) => parentPort.postMessage([text, refused]), (error) => parentPort.postMessage([String(error.cause)]));\`;
      class Derived extends Worker {}
      const said = {};
      for (const [name, Class, options] of [['plain', Worker, {}], ['without options of node', Worker, { execArgv: [] }], ['without environment', Worker, { env: {}, execArgv: [] }], ['derived', Derived, {}]]) {
        const worker = new Class(code, { eval: true, ...options });
        said[name] = (await once(worker, 'message'))[0];
        await once(worker, 'exit');
        said[name + ' instanceof'] = worker instanceof Worker;
      }
      const module = new Worker(new URL('data:text/javascript,' + encodeURIComponent("import { parentPort } from 'node:worker_threads'; parentPort.postMessage(await (await fetch('http://127.0.0.1:${HTTP}/')).text());")));
      said.module = (await once(module, 'message'))[0];
      console.log(JSON.stringify(said)); process.exit();`;
    const names = ['plain', 'without options of node', 'without environment', 'derived'];
    expect(await registered(program)).toEqual({
      ...Object.fromEntries(names.map((name) => [name, [RED, 'ERR_NOT_IN_VRF']])),
      ...Object.fromEntries(names.map((name) => [`${name} instanceof`, true])),
      module: RED,
    });
  });

  it('is refused what would leave from home, with the way out', async () => {
    const program = `
      import dgram from 'node:dgram'; import { createSocket } from 'node:dgram'; import dns from 'node:dns'; import { Resolver } from 'node:dns/promises'; import net from 'node:net';
      import childProcess, { execSync, fork, spawn } from 'node:child_process'; import cluster from 'node:cluster'; import { openSync } from 'node:fs';
      const calls = {
        'dgram.createSocket': () => dgram.createSocket('udp4'), 'createSocket': () => createSocket({ type: 'udp6' }), 'new dgram.Socket': () => new dgram.Socket('udp4'),
        'dns.resolve4': () => dns.resolve4('server.example', () => {}), 'dns.resolve': () => dns.resolve('server.example', 'MX', () => {}), 'dns.reverse': () => dns.reverse('127.0.0.1', () => {}),
        'dns.lookupService': () => dns.lookupService('127.0.0.1', 80, () => {}), 'new dns.Resolver': () => new dns.Resolver(), 'new Resolver': () => new Resolver(), 'dns.setServers': () => dns.setServers(['127.0.0.1']),
        'dns.promises.resolveSrv': () => dns.promises.resolveSrv('server.example'), 'dns.promises.setServers': () => dns.promises.setServers(['127.0.0.1']),
        'spawn': () => spawn('true'), 'execSync': () => execSync('true'), 'fork': () => fork(process.argv[1]), 'exec': () => childProcess.exec('true', () => {}), 'ChildProcess': () => new childProcess.ChildProcess().spawn({ file: 'true', args: ['true'] }),
        'cluster.fork': () => cluster.fork(), 'process.binding': () => process.binding('tcp_wrap'),
      };
      const said = {};
      for (const [name, call] of Object.entries(calls))
        try { await call(); said[name] = 'done'; } catch ({ code, message }) { said[name] = [code, message.includes("VRF '${red}' (namespace '${RED}')"), /createUdpSocket|createVrfResolver|spawnInNamespace|node:net/.exec(message)?.[0]]; }
      const { openSocket } = await import('netns-core');
      const adopted = new net.Socket({ fd: openSocket({ family: 'ipv4', type: 'stream' }) });
      said.adopted = await new Promise((resolve) => adopted.on('error', ({ code, message }) => resolve([code, /createVrfSocket/.test(message)])).connect(${TCP}, '127.0.0.1'));
      console.log(JSON.stringify(said)); process.exit();`;
    const said = await registered(program);
    const { adopted, ...refused } = said;
    expect(adopted).toEqual(['ERR_NOT_IN_VRF', true]);
    const wayOf = (name: string): string => {
      if (/dgram|createSocket/.test(name)) return 'createUdpSocket';
      if (/dns|Resolver/.test(name)) return 'createVrfResolver';
      return name === 'process.binding' ? 'node:net' : 'spawnInNamespace';
    };
    expect(refused).toEqual(
      Object.fromEntries(Object.keys(refused).map((name) => [name, ['ERR_NOT_IN_VRF', true, wayOf(name)]])),
    );
    expect(Object.keys(refused)).toHaveLength(19);
  });

  it('uses no connection of a namespace that was replaced', async () => {
    const again = uniqueName('a');
    ip(`netns add ns-${again}`);
    try {
      const program = `
        import http from 'node:http'; import net from 'node:net'; import { once } from 'node:events'; import { setTimeout as delay } from 'node:timers/promises';
        import { addNamed, deleteNamed } from 'netns-core'; import { Netlink } from 'netlink-links'; import { listenInVrf } from 'vrf-dial';
        const name = 'ns-${again}', url = 'http://127.0.0.1:${HTTP}/';
        const text = async (stream) => { let all = ''; for await (const part of stream) all += part; return all; };
        const agent = new http.Agent({ keepAlive: true });
        const ask = async () => [await (await fetch(url)).text(), await text((await once(http.get(url, { agent }), 'response'))[0])];
        const serve = async (answer) => {
          const netlink = await Netlink.open(name);
          await netlink.linkSetUp('lo');
          netlink.close();
          // Its connections stay when it is closed.
          const server = net.createServer((socket) => socket.on('error', () => {}).on('data', () => socket.write('HTTP/1.1 200 OK\\r\\ncontent-length: 3\\r\\n\\r\\n' + answer)));
          return listenInVrf(server, { vrf: '${again}', host: '127.0.0.1', port: ${HTTP} });
        };
        const first = await serve('old');
        const said = [await ask(), await ask()];
        first.close();
        deleteNamed(name);
        addNamed(name).close();
        await serve('new');
        // No request begins in the old namespace later than 50 ms after the change.
        await delay(60);
        said.push(await ask(), await ask());
        console.log(JSON.stringify(said)); process.exit();`;
      const said = await registered(program, { env: { VRF: again } });
      expect(said).toEqual([...Array(2).fill(['old', 'old']), ...Array(2).fill(['new', 'new'])]);
    } finally {
      ip(`netns del ns-${again}`);
    }
  });
});

describe('the environment', { timeout: 60_000 }, () => {
  const start = (env: NodeJS.ProcessEnv, through?: readonly string[]): Promise<ProgramResult> =>
    runProgram("fetch('http://127.0.0.1:8080/').then((response) => response.text()).then(console.log);", {
      timeout: 60_000,
      env: { NODE_OPTIONS: IMPORT, VRF: undefined, NETNS: undefined, VRF_INTERFACE: undefined, ...env },
      ...(through === undefined ? {} : { through }),
    });

  it.each([
    ['VRF', { VRF: red }],
    ['NETNS', { NETNS: RED }],
    ['NETNS as a path', { NETNS: `/run/netns/${RED}` }],
    ['NETNS and VRF_INTERFACE', { NETNS: RED, VRF_INTERFACE: 'lo' }],
  ])('%s says where', async (_name, env) => {
    expect(await start(env)).toMatchObject({ code: 0, stdout: `${RED}\n`, stderr: '' });
  });

  it.each([
    ['nothing', {}, /VRF=<vrf>, NETNS=<name or path of a namespace> or VRF_INTERFACE=<device>/],
    ['an empty variable', { VRF: '' }, /VRF is empty/],
    ['both VRF and NETNS', { VRF: red, NETNS: RED }, /both VRF \('r.*'\) and NETNS \('ns-.*'\) are set: unset one/],
    ['a VRF that does not exist', { VRF: 'missing' }, /NamespaceNotFoundError: .*ns-missing/],
    ['a name that cannot be one', { VRF: '../x' }, /InvalidNameError/],
    ['a device that does not exist', { VRF: red, VRF_INTERFACE: 'eth99' }, /there is no interface "eth99"/],
  ])('%s ends the process before the program begins', async (_name, env, message) => {
    const { code, stdout, stderr } = await start(env);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(code).not.toBe(0);
  });

  it('a namespace that may not be entered ends the process before the program begins', async () => {
    const { code, stdout, stderr } = await start({ VRF: red }, ['setpriv', '--bounding-set=-all', '--inh-caps=-all']);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/CAP_SYS_ADMIN/);
    expect(code).not.toBe(0);
  });
});
