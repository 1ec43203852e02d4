import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ip, ipIn, makeNamespaces, retryUntil, run, uniqueName, vethBetween } from '#testkit';
import { CLI, type Ended, listening, type Running, start, vrf, vrfHere } from './vrf.ts';

const red = uniqueName('r');
const blue = uniqueName('b');
const [redEnd, blueEnd] = [uniqueName('v'), uniqueName('v')];
let namespaces: Disposable;
let web: Running;
let far: Running;

/** In the blue VRF: HTTP that returns what it was sent on port 8081, and UDP that answers on port 9003. */
const FAR_SERVERS = `
  require('node:http').createServer((q, s) => { let body = ''; q.on('data', (d) => { body += d; });
    q.on('end', () => { s.statusCode = q.url === '/missing' ? 404 : 200; s.end(JSON.stringify([q.method, q.url, q.headers['x-test'], q.headers.authorization, body])); });
  }).listen(8081, '192.0.2.2', () => console.log('http'));
  const socket = require('node:dgram').createSocket('udp4');
  socket.on('message', (message, from) => socket.send('got ' + message, from.port, from.address));
  socket.bind(9003, '192.0.2.2', () => console.log('udp'));`;

beforeAll(async () => {
  namespaces = makeNamespaces(`ns-${red}`, `ns-${blue}`);
  vethBetween(
    { namespace: `ns-${red}`, name: redEnd, addresses: ['192.0.2.1/24'] },
    { namespace: `ns-${blue}`, name: blueEnd, addresses: ['192.0.2.2/24'] },
  );
  far = start(['-e', FAR_SERVERS], ['ip', 'netns', 'exec', `ns-${blue}`, process.execPath]);
  web = await listening(blue, '8080', '--http', 'it works');
  await retryUntil(() => far.stdout().includes('http') && far.stdout().includes('udp'), 15_000);
});

afterAll(async () => {
  await far?.[Symbol.asyncDispose]();
  await web?.[Symbol.asyncDispose]();
  namespaces?.[Symbol.dispose]();
});

describe('vrf list', () => {
  it('shows VRFs with the links and addresses that ip shows', async () => {
    const [text, json] = [await vrf(['list']), await vrfHere(['list', '--json'])];
    expect(text.stdout).toMatch(new RegExp(`^${red} +namespace ns-${red} .*\\b${redEnd}\\b.*192\\.0\\.2\\.1/24`, 'm'));
    const { vrfs, namespaces: all } = JSON.parse(json.stdout) as {
      vrfs: { name: string; namespaceId: string }[];
      namespaces: {
        id: string;
        names: string[];
        current: boolean;
        processes: { pid: number }[];
        links: { name: string; index: number; addresses: string[] }[];
      }[];
    };
    const id = vrfs.find(({ name }) => name === blue)?.namespaceId;
    const namespace = all.find((one) => one.id === id);
    expect(namespace?.names).toEqual([`ns-${blue}`]);
    const { ifindex } = JSON.parse(ip('-n', `ns-${blue}`, '-j', 'link', 'show', 'dev', blueEnd))[0] as {
      ifindex: number;
    };
    const link = namespace?.links.find(({ name }) => name === blueEnd);
    expect(link).toMatchObject({ index: ifindex, addresses: expect.arrayContaining(['192.0.2.2/24']) });
    // The listener works in the VRF and is a process of this namespace.
    const here = all.find(({ current }) => current);
    expect(here?.processes).toContainEqual(expect.objectContaining({ pid: web.child.pid }));
  });
});

describe('vrf list --sockets', () => {
  it('shows the sockets of each VRF that ss shows, with the processes that have them', async () => {
    await using client = start(['dial', red, '192.0.2.2', '8080', '--verbose']);
    await retryUntil(() => client.stderr().includes('connected'), 15_000);
    const [text, json] = [await vrfHere(['list', '--sockets']), await vrfHere(['list', '--sockets', '--json'])];
    const lines = text.stdout.split('\n').map((line) => line.split(/ {2,}/));
    const shown = run('ip', ['netns', 'exec', `ns-${red}`, 'ss', '-Htn', 'state', 'established'])
      .trim()
      .split(/\s+/);
    const [, , local = '', remote = ''] = shown;
    expect(lines).toContainEqual([red, 'tcp', 'established', local, remote, expect.stringMatching(/node|MainThread/)]);
    expect(lines).toContainEqual([blue, 'udp', 'close', '192.0.2.2:9003', '-', expect.any(String)]);
    expect(lines).toContainEqual([blue, 'tcp', 'listen', '[::]:8080', '-', expect.any(String)]);
    const { namespaces: all } = JSON.parse(json.stdout) as { namespaces: { names: string[]; sockets: object[] }[] };
    expect(all.find(({ names }) => names.includes(`ns-${blue}`))?.sockets).toContainEqual({
      vrf: blue,
      protocol: 'tcp',
      family: 'ipv4',
      state: 'listen',
      local: { address: '192.0.2.2', port: 8081 },
      remote: { address: '0.0.0.0', port: 0 },
      inode: expect.any(Number),
      uid: process.getuid?.(),
      processes: [expect.any(String)],
    });
  });
});

describe('vrf fetch', () => {
  it('prints the body, and on standard error how long each phase took', async () => {
    const { code, stdout, stderr } = await vrf(['fetch', red, 'http://192.0.2.2:8080/']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'it works\n' });
    expect(stderr).toMatch(/^200 OK, 9 bytes: connect .* ms, first byte .* ms, transfer .* ms, total .* ms\n$/);
  });

  it('takes the namespace by any option that names it', async () => {
    const path = `/run/netns/ns-${red}`;
    const ways = [
      ['--namespace', `ns-${red}`],
      ['--namespace', path],
      ['--vrf', red, '--interface', redEnd],
    ];
    for (const way of ways) {
      const result = await vrfHere(['fetch', ...way, 'http://192.0.2.2:8080/', '--silent']);
      expect(result).toEqual({ code: 0, stdout: 'it works\n', stderr: '' });
    }
  });

  it('asks every VRF with --all, and fails if one cannot reach it', async () => {
    const { code, stdout } = await vrfHere(['fetch', '--all', 'http://192.0.2.2:8080/', '--json']);
    const outcomes = JSON.parse(stdout) as {
      vrf: string;
      status?: number;
      timing?: Record<string, number>;
      error?: { code: string };
    }[];
    const of = (name: string) => outcomes.find((outcome) => outcome.vrf === name);
    expect(of(red)?.status).toBe(200);
    expect(of(blue)?.status).toBe(200);
    expect(of('default')?.error?.code).toBe('ENETUNREACH');
    const { connect = 0, firstByte = 0, transfer = 0, total = 0 } = of(red)?.timing ?? {};
    expect(connect + firstByte + transfer).toBeCloseTo(total, 1);
    expect(code).toBe(1);
  });

  it('prints no table with --all --silent: the exit code tells', async () => {
    const ended = await vrfHere(['fetch', '--all', '--silent', 'http://192.0.2.2:8080/']);
    expect(ended).toEqual({ code: 1, stdout: '', stderr: '' });
  });

  it('sends the method, headers and data that it is given, and shows them with --verbose', async () => {
    const url = 'http://user:secret@192.0.2.2:8081/missing?x=1';
    const post = await vrf(['fetch', red, url, '-X', 'PUT', '-H', 'X-Test: one', '-d', '@-', '-v'], 'a body');
    expect(JSON.parse(post.stdout)).toEqual(['PUT', '/missing?x=1', 'one', `Basic ${btoa('user:secret')}`, 'a body']);
    expect(post.stderr).toContain('> PUT /missing?x=1 HTTP/1.1');
    expect(post.stderr).toMatch(/< HTTP\/1.1 200 OK/);
    expect(post.stderr).not.toMatch(/secret|dXNlcjpzZWNyZXQ/);
    const failed = await vrfHere(['fetch', red, 'http://192.0.2.2:8081/missing', '--fail', '--json']);
    expect(failed.code).toBe(22);
    expect(JSON.parse(failed.stdout)).toMatchObject({
      vrf: red,
      status: 404,
      remote: { address: '192.0.2.2', port: 8081 },
    });
  });
});

describe('vrf dial and vrf listen', () => {
  it('pass bytes unchanged in both directions, and end when the other side does', async () => {
    await using echo = await listening(blue, '9001', '--echo');
    const program = `${JSON.stringify(process.execPath)} ${JSON.stringify(CLI)} dial ${red} 192.0.2.2 9001`;
    const command = `head -c 3000000 /dev/urandom | tee >(sha256sum >&2) | ${program} | sha256sum`;
    await using piped = start(['-c', command], ['bash']);
    const { code, stdout, stderr } = await piped.ended;
    expect(code).toBe(0);
    expect(stdout).toBe(stderr);
    expect(stdout).not.toContain(createHash('sha256').digest('hex'));
    echo.child.kill('SIGINT');
    expect((await echo.ended).code).toBe(0);
  });

  it('lose nothing where one side has nothing to send, and says so first', async () => {
    const vrfCommand = `${JSON.stringify(process.execPath)} ${JSON.stringify(CLI)}`;
    const most = 'head -c 3000000 /dev/urandom | tee >(sha256sum >&2)';
    const passBytes = async (sends: 'the dialer' | 'the listener', port: number): Promise<void> => {
      const [listens, dials] = sends === 'the dialer' ? ['< /dev/null', most] : [most, 'true'];
      const listen = `${vrfCommand} listen ${blue} ${port} --host 192.0.2.2`;
      await using listener = start(
        [
          '-c',
          `set -o pipefail; ${sends === 'the dialer' ? `${listen} ${listens} | sha256sum` : `${listens} | ${listen}`}`,
        ],
        ['bash'],
      );
      await retryUntil(() => listener.stderr().includes('listening on'), 15_000);
      await using dialler = start(
        ['-c', `set -o pipefail; ${dials} | ${vrfCommand} dial ${red} 192.0.2.2 ${port} | sha256sum`],
        ['bash'],
      );
      const [listened, dialled] = await Promise.all([listener.ended, dialler.ended]);
      expect([listened.code, dialled.code]).toEqual([0, 0]);
      const [sender, receiver] = sends === 'the dialer' ? [dialled, listened] : [listened, dialled];
      const digest = /\b[0-9a-f]{64}\b/;
      expect(digest.exec(receiver.stdout)?.[0]).toBe(digest.exec(sender.stderr)?.[0]);
    };
    await Promise.all([passBytes('the dialer', 9004), passBytes('the listener', 9006)]);
  });

  it('connect standard input and output of both ends', async () => {
    await using listener = await listening(blue, '9002', '--host', '192.0.2.2');
    listener.child.stdin?.end('from the listener');
    const dialled = await vrf(['dial', red, '192.0.2.2', '9002'], 'from the dialer');
    expect(dialled).toMatchObject({ code: 0, stdout: 'from the listener' });
    expect(await listener.ended).toMatchObject({ code: 0, stdout: 'from the dialer' });
  });

  it('end with exit code 1 where nothing listens', async () => {
    const { code, stderr } = await vrfHere(['dial', red, '192.0.2.2', '9', '--scan']);
    expect(code).toBe(1);
    expect(stderr).toContain('ECONNREFUSED');
  });

  it('say in words that the other side does not speak TLS, and that a datagram was refused', async () => {
    const [tls, datagram] = await Promise.all([
      vrfHere(['dial', red, '192.0.2.2', '8080', '--tls']),
      vrf(['dial', red, '192.0.2.2', '9', '-u'], 'hello'),
    ]);
    expect(tls).toMatchObject({ code: 1, stderr: expect.stringContaining('192.0.2.2 port 8080 does not speak TLS') });
    expect(datagram.code).toBe(1);
    expect(datagram.stderr).toMatch(/192\.0\.2\.2 port 9 from VRF .*refused.*ECONNREFUSED/);
  });

  it('say that the port is in use, in no words of the packages', async () => {
    const { code, stderr } = await vrf(['listen', blue, '8080']);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^vrf: cannot bind to \[::\]:8080 in .*: something else listens there \(bind: EADDRINUSE\)\n$/,
    );
  });

  it('name the namespace and the address that are waited for', async () => {
    const missing = uniqueName('m');
    await using waiting = start(['listen', missing, '9005', '--host', '192.0.2.9']);
    await retryUntil(() => waiting.stderr().includes('\n'), 15_000);
    expect(waiting.stderr()).toBe(`waiting for VRF ${missing} and its address 192.0.2.9\n`);
    waiting.child.kill('SIGINT');
    await waiting.ended;
  });

  it('send and receive datagrams', async () => {
    const { code, stdout } = await vrf(['dial', red, '192.0.2.2', '9003', '-u'], 'hello');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'got hello' });
  });
});

describe('vrf ping', () => {
  it('prints replies and statistics as ping does', async () => {
    const [answered, lost] = await Promise.all([
      vrf(['ping', red, '192.0.2.2', '-c', '2', '-i', '10ms']),
      vrfHere(['ping', red, '192.0.2.99', '-c', '1', '-W', '100ms']),
    ]);
    expect(answered.code).toBe(0);
    expect(answered.stdout).toMatch(/^64 bytes from 192\.0\.2\.2: icmp_seq=2 ttl=64 time=[\d.]+ ms$/m);
    expect(answered.stdout).toMatch(/^2 packets transmitted, 2 received, 0% packet loss\nrtt min\/avg\/max\/mdev = /m);
    expect(lost.code).toBe(1);
    expect(lost.stdout).toContain('1 packets transmitted, 0 received, 100% packet loss');
  });

  it('has times in JSON to the microsecond, as vrf fetch has them', async () => {
    const { stdout } = await vrfHere(['ping', red, '192.0.2.2', '-c', '2', '-i', '10ms', '--json']);
    const { replies, min, avg, max } = JSON.parse(stdout) as Record<'min' | 'avg' | 'max', number> & {
      replies: { time: number }[];
    };
    const times = [min, avg, max, ...replies.map(({ time }) => time)];
    expect(times).toEqual(times.map((time) => Number(time.toFixed(3))));
    expect(replies).toHaveLength(2);
  });

  it('prints its statistics when it is interrupted', async () => {
    await using pinging = start(['ping', red, '192.0.2.2', '-i', '10ms']);
    await retryUntil(() => pinging.stdout().includes('icmp_seq=3'), 15_000);
    pinging.child.kill('SIGINT');
    const { code, stdout } = await pinging.ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/--- 192\.0\.2\.2 ping statistics ---\n\d+ packets transmitted, [1-9]\d* received/);
  });
});

describe('vrf resolve', () => {
  it('asks the name servers of the VRF for records of a type', async () => {
    const records = ['--address=/www.test/192.0.2.7', '--mx-host=test,mail.test,10', '--txt-record=test,hello'];
    const place = [
      'netns',
      'exec',
      `ns-${blue}`,
      'dnsmasq',
      '--no-daemon',
      '--no-resolv',
      '--no-hosts',
      '--conf-file=/dev/null',
    ];
    await using server = start(
      [
        ...place,
        '--pid-file=',
        '--user=root',
        '--group=root',
        '--bind-interfaces',
        '--listen-address=192.0.2.2',
        ...records,
      ],
      ['ip'],
    );
    const failed = await vrfHere(['resolve', red, 'www.test', '--server', '192.0.2.2:9']);
    expect(failed.stderr).toContain('(192.0.2.2:9: ECONNREFUSED; from --server)');
    await retryUntil(() => run('ip', ['netns', 'exec', `ns-${blue}`, 'ss', '-Huln']).includes('192.0.2.2:53'), 15_000);
    const [address, others] = await Promise.all([
      vrfHere(['resolve', red, 'www.test', '--server', '192.0.2.2', '-4', '--json']),
      vrf(['resolve', red, 'test', '--server', '192.0.2.2', '-t', 'MX,TXT']),
    ]);
    expect(JSON.parse(address.stdout)).toEqual([{ name: 'www.test', type: 'A', value: '192.0.2.7' }]);
    expect(others.stdout).toMatch(/^test\tMX\t.*exchange=mail\.test/m);
    expect(others.stdout).toMatch(/^test\tTXT\t"hello"$/m);
    expect(server.child.exitCode).toBeNull();
  });
});

describe('vrf exec', () => {
  it('runs a program in the namespace and passes its exit code on', async () => {
    const [inside, code, missing, terminated] = await Promise.all([
      vrf(['exec', red, 'readlink', '/proc/self/ns/net']),
      vrf(['exec', red, '--', 'sh', '-c', 'exit 7']),
      vrfHere(['exec', red, 'no-such-program']),
      vrf(['exec', red, 'sh', '-c', 'kill -9 $$']),
    ]);
    expect(inside).toEqual({
      code: 0,
      stdout: ip('netns', 'exec', `ns-${red}`, 'readlink', '/proc/self/ns/net'),
      stderr: '',
    });
    expect(code.code).toBe(7);
    expect(missing.code).toBe(127);
    expect(terminated.code).toBe(137);
  });

  it('looks for the program past folders that cannot be searched', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'vrf-exec-'));
    const closed = path.join(folder, 'closed');
    mkdirSync(closed, { mode: 0 });
    writeFileSync(path.join(folder, 'script'), '');
    vi.stubEnv('PATH', `${closed}:${process.env.PATH}`);
    // Root, whom no mode keeps out, does without that.
    const command = ['setpriv', '--bounding-set=-dac_override,-dac_read_search', '--inh-caps=-all'];
    const exec = async (program: string): Promise<Ended> => {
      await using running = start(['exec', red, program, 'found'], [...command, process.execPath, CLI]);
      return await running.ended;
    };
    try {
      expect(await exec('echo')).toEqual({ code: 0, stdout: 'found\n', stderr: '' });
      expect((await exec('no-such-program')).code).toBe(127);
      for (const program of [`${closed}/program`, `${folder}/script`]) expect((await exec(program)).code).toBe(126);
    } finally {
      vi.unstubAllEnvs();
      rmSync(folder, { recursive: true });
    }
  });

  it('shows the links of the namespace in /sys, as ip netns exec does, whatever names it', async () => {
    const links = ip('netns', 'exec', `ns-${red}`, 'ls', '/sys/class/net');
    const ways = [[red], ['--namespace', `ns-${red}`], ['--namespace', `/run/netns/ns-${red}`]];
    const results = await Promise.all(ways.map((way) => vrf(['exec', ...way, 'ls', '/sys/class/net'])));
    for (const result of results) expect(result).toEqual({ code: 0, stdout: links, stderr: '' });
  });

  it('passes options to the program, and signals', async () => {
    const script = 'trap "echo got it; exit 3" TERM; echo ready; while :; do sleep 0.05; done';
    await using running = start(['exec', red, 'sh', '-c', script]);
    await retryUntil(() => running.stdout().includes('ready'), 15_000);
    running.child.kill('SIGTERM');
    expect(await running.ended).toEqual({ code: 3, stdout: 'ready\ngot it\n', stderr: '' });
    const { stdout } = await vrf(['exec', red, 'echo', '--help', '--json']);
    expect(stdout).toBe('--help --json\n');
  });
});

describe('vrf watch', () => {
  it('prints a line for each VRF that comes or goes', async () => {
    const name = uniqueName('w');
    await using watching = start(['watch', '--existing']);
    await retryUntil(() => watching.stdout().includes(`+ ${red} `), 15_000);
    using made = makeNamespaces(`ns-${name}`);
    await retryUntil(() => watching.stdout().includes(`+ ${name} (namespace ns-${name})\n`), 15_000);
    made[Symbol.dispose]();
    await retryUntil(() => watching.stdout().includes(`- ${name} (namespace ns-${name})\n`), 15_000);
    watching.child.kill('SIGINT');
    expect((await watching.ended).code).toBe(0);
  });
});

describe('names from outside', () => {
  it('do not reach the terminal as escape sequences', async () => {
    const link = `x\u001b[31m${uniqueName('')}`;
    ipIn(`ns-${blue}`, `link add ${link} type bridge`);
    const results = [await vrfHere(['list']), await vrfHere(['map']), await vrfHere(['map', '-f', 'svg'])];
    ipIn(`ns-${blue}`, `link delete ${link}`);
    for (const { code, stdout } of results) {
      expect(code).toBe(0);
      expect(stdout).toContain('x\\u{1b}');
      expect(stdout).not.toContain('\u001b');
    }
  });
});
