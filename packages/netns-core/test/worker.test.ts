import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { NamespaceNotFoundError, NamespaceWorker, runInNamespace } from 'netns-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  capture,
  ipIn,
  leakedFds,
  makeNamespaces,
  namespaceOfThreads,
  openFds,
  retryUntil,
  runProgram,
  uniqueName,
  vethBetween,
} from '#testkit';

// `inside` is where the workers live; `outside` holds the name server and the web server that they reach. Home has
// neither addresses nor a name server.
const INSIDE = uniqueName('in');
const OUTSIDE = uniqueName('out');
const children: ChildProcess[] = [];
let made: ReturnType<typeof makeNamespaces>;

beforeAll(async () => {
  made = makeNamespaces(INSIDE, OUTSIDE);
  vethBetween(
    { namespace: INSIDE, name: 'eth0', addresses: ['192.0.2.1/24', '2001:db8::1/64'] },
    { namespace: OUTSIDE, name: 'eth0', addresses: ['192.0.2.53/24', '2001:db8::53/64'] },
  );
  // A link that has just come up may still lose what is sent over it.
  for (const address of ['192.0.2.53', '2001:db8::53'])
    await retryUntil(
      () => spawnSync('ip', ['netns', 'exec', INSIDE, 'ping', '-c', '1', '-W', '1', address]).status === 0,
      20_000,
    );
  mkdirSync(`/etc/netns/${INSIDE}`, { recursive: true });
  writeFileSync(
    `/etc/netns/${INSIDE}/resolv.conf`,
    'nameserver 192.0.2.53\nsearch example.test\noptions ndots:1 timeout:1\n',
  );
  writeFileSync(
    `/etc/netns/${INSIDE}/hosts`,
    '127.0.0.1 localhost\n192.0.2.99 only-in-hosts Münster.test # a remark\n::ffff:192.0.2.98 mapped\n',
  );
  const dnsmasq = spawn(
    'ip',
    [
      'netns',
      'exec',
      OUTSIDE,
      'dnsmasq',
      '--no-daemon',
      '--no-resolv',
      '--no-hosts',
      '--bind-interfaces',
      '--listen-address=192.0.2.53',
      '--address=/web.example.test/192.0.2.53',
      '--address=/web.example.test/2001:db8::53',
      '--ptr-record=53.2.0.192.in-addr.arpa,web.example.test',
      '--local=/test/',
      '--user=root',
      '--pid-file=',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  children.push(dnsmasq);
  let said = '';
  dnsmasq.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await retryUntil(() => said.includes('started'));
  const web = spawn(
    'ip',
    [
      'netns',
      'exec',
      OUTSIDE,
      process.execPath,
      '-e',
      `
    require('node:http').createServer((request, response) => response.end('web ' + request.socket.remoteAddress)).listen(80, '::', () => console.log('up'));
    require('node:dgram').createSocket('udp4', function (message, { port, address }) { this.send('echo ' + message, port, address); }).bind(7);
  `,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  children.push(web);
  await once(web.stdout as NodeJS.ReadableStream, 'data');
});
afterAll(async () => {
  for (const child of children) {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
  made?.remove();
  rmSync(`/etc/netns/${INSIDE}`, { recursive: true, force: true });
});

/** Runs code in a worker that lives in the namespace; it answers by `answer(value)`. */
async function inWorker(code: string, options: { execArgv?: string[] } = {}): Promise<unknown> {
  const worker = new NamespaceWorker(
    INSIDE,
    `const { parentPort, workerData } = require('node:worker_threads');
    const answer = (value) => { parentPort.postMessage(value); };
    (async () => { ${code} })().catch((error) => { parentPort.postMessage({ failed: error.message, cause: error.cause && String(error.cause), code: error.code, errno: error.errno, syscall: error.syscall, hostname: error.hostname }); });`,
    { eval: true, ...options, execArgv: options.execArgv ?? [] },
  );
  const [value] = (await once(worker, 'message')) as [unknown];
  await worker.terminate();
  return value;
}

describe('a thread in a NamespaceWorker', () => {
  it('lives in the namespace, and no other thread does', async () => {
    const home = readlinkSync('/proc/self/ns/net');
    const inside = runInNamespace(INSIDE, () => readlinkSync('/proc/thread-self/ns/net'));
    const worker = new NamespaceWorker(
      INSIDE,
      "require('node:worker_threads').parentPort.on('message', () => {}).postMessage(require('node:fs').readlinkSync('/proc/thread-self/ns/net'))",
      { eval: true, execArgv: [] },
    );
    expect((await once(worker, 'message'))[0]).toBe(inside);
    const threads = [...namespaceOfThreads().values()];
    expect(threads.filter((namespace) => namespace === inside)).toHaveLength(1);
    expect(threads.filter((namespace) => namespace === home)).toHaveLength(threads.length - 1);
    await worker.terminate();
  });

  it('makes the sockets of net, http, dgram and fetch there, unchanged', async () => {
    expect(
      await inWorker(`
      const net = require('node:net'), http = require('node:http'), dgram = require('node:dgram'), { once } = require('node:events');
      const out = {};
      out.http = await new Promise((resolve, reject) => http.get('http://192.0.2.53/', (response) => { let text = ''; response.on('data', (chunk) => { text += chunk; }).on('end', () => resolve(text)); }).on('error', reject));
      out.fetch = await (await fetch('http://192.0.2.53/')).text();
      out.fetch6 = await (await fetch('http://[2001:db8::53]/')).text();
      const socket = net.connect(80, '192.0.2.53'); await once(socket, 'connect'); out.local = socket.localAddress; socket.destroy();
      const udp = dgram.createSocket('udp4'); udp.send('hi', 7, '192.0.2.53'); out.udp = String((await once(udp, 'message'))[0]); udp.close();
      const server = net.createServer().listen(0, '192.0.2.1'); await once(server, 'listening'); out.listens = server.address().address; server.close();
      answer(out);`),
    ).toEqual({
      http: 'web ::ffff:192.0.2.1',
      fetch: 'web ::ffff:192.0.2.1',
      fetch6: 'web 2001:db8::1',
      local: '192.0.2.1',
      udp: 'echo hi',
      listens: '192.0.2.1',
    });
  });

  it('asks the servers that its file names now', async () => {
    const own = `/etc/netns/${INSIDE}/resolv.conf`;
    const text = readFileSync(own, 'utf8');
    writeFileSync(own, 'nameserver 127.0.0.1\n');
    try {
      expect(
        await inWorker(`
        const dns = require('node:dns'), fs = require('node:fs');
        const before = await dns.promises.lookup('web.example.test').catch(({ code }) => code);
        fs.writeFileSync(${JSON.stringify(own)}, ${JSON.stringify(text)});
        await new Promise((resolve) => setTimeout(resolve, 1100));
        answer([before, (await dns.promises.lookup('web.example.test', { family: 4 })).address, new dns.Resolver().getServers()]);`),
      ).toEqual(['EAI_AGAIN', '192.0.2.53', ['192.0.2.53']]);
    } finally {
      writeFileSync(own, text);
    }
  });

  it('does not ask the servers of /etc/resolv.conf if the file of its namespace cannot be read', async () => {
    const own = `/etc/netns/${INSIDE}/resolv.conf`;
    const text = readFileSync(own, 'utf8');
    const captured = await capture(INSIDE, 'port 53 and not host 127.0.0.1');
    rmSync(own);
    mkdirSync(own);
    try {
      expect(
        await inWorker(`
        const dns = require('node:dns');
        const failure = (error) => ({ code: error.code, message: error.message });
        answer([dns.getServers(), await dns.promises.lookup('web.example.test').catch(failure), await dns.promises.resolve4('web.example.test').catch(({ code }) => code)]);`),
      ).toEqual([
        ['127.0.0.1'],
        { code: 'EISDIR', message: expect.stringContaining(`cannot read ${own}: EISDIR`) },
        'ECONNREFUSED',
      ]);
    } finally {
      rmSync(own, { recursive: true });
      writeFileSync(own, text);
    }
    expect((await captured.stop()).filter(Boolean)).toEqual([]);
  });

  it('has its names answered from the namespace, by dns.lookup and all that uses it, and never from home', async () => {
    const captures = { home: await capture(undefined, 'not icmp6'), inside: await capture(INSIDE, 'port 53') };
    const out = await inWorker(`
      const dns = require('node:dns'), net = require('node:net'), http = require('node:http'), dgram = require('node:dgram'), { once } = require('node:events'), { promisify } = require('node:util');
      const esm = await import('node:dns/promises');
      const out = {};
      out.lookup = await new Promise((resolve, reject) => dns.lookup('web.example.test', { family: 4 }, (error, address, family) => error ? reject(error) : resolve([address, family])));
      out.all = await dns.promises.lookup('web.example.test', { all: true });
      out.promised = await esm.lookup('web', { family: 6 });
      out.promisified = await promisify(dns.lookup)('web.example.test', { family: 4 });
      out.resolver = await new dns.promises.Resolver().resolve4('web.example.test');
      out.resolve = await dns.promises.resolve4('web.example.test');
      out.servers = dns.getServers();
      out.hosts = (await dns.promises.lookup('only-in-hosts')).address;
      out.remark = (await dns.promises.lookup('xn--mnster-3ya.test')).address;
      out.mapped = (await dns.promises.lookup('mapped', { family: 4 })).address;
      out.localhost = (await dns.promises.lookup('localhost')).address;
      out.literal = await dns.promises.lookup('192.0.2.7');
      out.service = await dns.promises.lookupService('192.0.2.53', 80);
      const socket = net.connect(80, 'web.example.test'); await once(socket, 'connect'); out.remote = socket.remoteAddress; socket.destroy();
      out.http = await new Promise((resolve, reject) => http.get('http://web.example.test/', (response) => { let text = ''; response.on('data', (chunk) => { text += chunk; }).on('end', () => resolve(text)); }).on('error', reject));
      out.fetch = await (await fetch('http://web.example.test/')).text();
      const udp = dgram.createSocket('udp4'); udp.send('hi', 7, 'web.example.test'); out.udp = String((await once(udp, 'message'))[0]); udp.close();
      answer(out);`);
    expect(out).toMatchObject({
      lookup: ['192.0.2.53', 4],
      all: [
        { address: '192.0.2.53', family: 4 },
        { address: '2001:db8::53', family: 6 },
      ],
      promised: { address: '2001:db8::53', family: 6 },
      promisified: { address: '192.0.2.53', family: 4 },
      resolver: ['192.0.2.53'],
      resolve: ['192.0.2.53'],
      servers: ['192.0.2.53'],
      hosts: '192.0.2.99',
      remark: '192.0.2.99',
      mapped: '192.0.2.98',
      localhost: '127.0.0.1',
      literal: { address: '192.0.2.7', family: 4 },
      service: { hostname: 'web.example.test', service: 'http' },
      http: expect.stringMatching(/^web (::ffff:192\.0\.2\.1|2001:db8::1)$/),
      fetch: expect.stringMatching(/^web (::ffff:192\.0\.2\.1|2001:db8::1)$/),
      udp: 'echo hi',
    });
    expect((await captures.inside.stop()).length).toBeGreaterThan(4);
    expect((await captures.home.stop()).filter(Boolean)).toEqual([]);
  });

  it("gets Node's own errors for names that do not exist, and never asks a second server for them", async () => {
    expect(await inWorker(`await require('node:dns').promises.lookup('missing.test')`)).toEqual({
      failed: 'getaddrinfo ENOTFOUND missing.test',
      code: 'ENOTFOUND',
      errno: -3008,
      syscall: 'getaddrinfo',
      hostname: 'missing.test',
    });
    expect(
      await inWorker(`require('node:net').connect(80, 'missing.test').on('error', (error) => answer(error.code))`),
    ).toBe('ENOTFOUND');
  });

  it('refuses the arguments of a lookup that Node refuses', async () => {
    const code = `
      const dns = require('node:dns');
      const codes = [];
      for (const options of [{ order: 'x' }, { family: 5 }, { hints: 1 << 20 }, 'all']) {
        try { dns.lookup('localhost', options, () => {}); codes.push('none'); } catch ({ code }) { codes.push(code); }
        codes.push(await dns.promises.lookup('localhost', options).catch(({ code }) => code));
      }
      answer(codes);`;
    const [value, type] = ['ERR_INVALID_ARG_VALUE', 'ERR_INVALID_ARG_TYPE'];
    expect(await inWorker(code)).toEqual([value, value, value, value, value, value, type, type]);
  });

  it('reports what a callback of dns.lookup throws as an uncaught exception, as Node does', async () => {
    expect(
      await inWorker(`process.on('uncaughtException', (error) => answer(error.message)); process.on('unhandledRejection', () => answer('rejection'));
      require('node:dns').lookup('localhost', () => { throw new Error('mine'); });`),
    ).toBe('mine');
  });

  it('passes its namespace and its lookups on to workers of its own', async () => {
    const home = await capture(undefined, 'not icmp6');
    expect(
      await inWorker(`
      const { Worker } = require('node:worker_threads');
      const code = "const { parentPort } = require('node:worker_threads'); require('node:dns').promises.lookup('web.example.test', 4).then(({ address }) => parentPort.postMessage([address, require('node:fs').readlinkSync('/proc/thread-self/ns/net')]), (error) => parentPort.postMessage(error.code))";
      new Worker(code, { eval: true }).on('message', ([address, namespace]) => answer([address, namespace === require('node:fs').readlinkSync('/proc/thread-self/ns/net')]));`),
    ).toEqual(['192.0.2.53', true]);
    expect((await home.stop()).filter(Boolean)).toEqual([]);
  });

  it('can hop on, and makes workers in other namespaces', async () => {
    const result = await runProgram(`
      import { NamespaceWorker } from 'netns-core';
      import { readlinkSync } from 'node:fs';
      const url = import.meta.resolve('netns-core');
      const code = \`
        import(\${JSON.stringify(url)}).then(({ runInNamespace, NamespaceWorker, resolveNamespace, getFromName }) => {
          const here = () => require('node:fs').readlinkSync('/proc/thread-self/ns/net');
          const own = here();
          const { parentPort } = require('node:worker_threads');
          const out = [own === 'net:[' + getFromName('${INSIDE}').ino + ']', runInNamespace('${OUTSIDE}', here) === 'net:[' + getFromName('${OUTSIDE}').ino + ']', here() === own, 'net:[' + resolveNamespace('default').ino + ']'];
          new NamespaceWorker('${OUTSIDE}', "require('node:worker_threads').parentPort.postMessage(require('node:fs').readlinkSync('/proc/thread-self/ns/net'))", { eval: true })
            .on('message', (there) => parentPort.postMessage([...out, there === 'net:[' + getFromName('${OUTSIDE}').ino + ']', here() === own]));
        });\`;
      new NamespaceWorker('${INSIDE}', code, { eval: true }).on('message', (out) => { out[3] = out[3] === readlinkSync('/proc/self/ns/net'); console.log(out.join()); });
    `);
    expect(result).toMatchObject({ stderr: '', stdout: 'true,true,true,true,true,true\n' });
  });

  it('takes the options of Worker, and leaves out what a thread may not have of the process', async () => {
    const result = await runProgram(
      `import { spawnSync } from 'node:child_process';
      import { writeFileSync } from 'node:fs';
      const program = \`import('netns-core').then(({ NamespaceWorker }) => {
        new NamespaceWorker('${INSIDE}', "const { parentPort, workerData } = require('node:worker_threads'); parentPort.postMessage([workerData, process.env.MINE, process.argv.at(-1), globalThis.preloaded])",
          { eval: true, workerData: 7, env: { MINE: 'yes' }, argv: ['last'] }).on('message', (message) => console.log(message.join())); })\`;
      const file = import.meta.dirname + '/inner.cjs';
      writeFileSync(file, program);
      const preload = import.meta.dirname + '/preload.cjs';
      writeFileSync(preload, 'globalThis.preloaded = true');
      const flags = ['--max-old-space-size=200', '--expose-gc', '--title=x', '--require', preload];
      for (const args of [[file], ['-e', program]]) {
        const { stdout, stderr } = spawnSync(process.execPath, [...flags, ...args], { encoding: 'utf8', cwd: import.meta.dirname });
        console.log(stdout.trim(), stderr);
      }`,
    );
    expect(
      result.stdout
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean),
    ).toEqual(['7,yes,last,true', '7,yes,last,true']);
    await expect(
      (async () => new NamespaceWorker(INSIDE, '0', { eval: true, execArgv: ['--no-such-option'] }))(),
    ).rejects.toThrow(expect.objectContaining({ code: 'ERR_WORKER_INVALID_EXEC_ARGV' }));
  });

  it('is not started when the namespace cannot be entered, and leaves nothing open', async () => {
    const before = openFds();
    expect(() => new NamespaceWorker('no-such-name', '0', { eval: true })).toThrow(NamespaceNotFoundError);
    expect(leakedFds(before)).toEqual([]);
    expect(ipIn(INSIDE, 'link')).toContain('eth0');
  });
});
