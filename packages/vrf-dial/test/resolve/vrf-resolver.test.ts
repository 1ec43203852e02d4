import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { promisify } from 'node:util';
import { InvalidOptionError, NamespaceNotFoundError } from 'netns-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { capture, ip, leakedFds, makeNamespaces, openFds, retryUntil, uniqueName, vethBetween } from '#testkit';
import { createVrfResolver, DnsQueryError, type VrfTarget } from '../../src/index.ts';
import { type RunningServer, startDnsmasq, startMisbehavingServer, writeNetnsFiles } from './name-servers.js';

const RED = uniqueName('red');
const SRV = uniqueName('srv');
const DNS = '198.51.100.53';
let namespaces: { remove(): void };
let dnsmasq: RunningServer;
let odd: RunningServer;

beforeAll(async () => {
  namespaces = makeNamespaces(RED, SRV);
  vethBetween(
    { namespace: RED, name: 'eth0', addresses: ['198.51.100.1/24'] },
    { namespace: SRV, name: 'eth0', addresses: [`${DNS}/24`, '198.51.100.54/24'] },
  );
  dnsmasq = await startDnsmasq(SRV, [
    ...[`--listen-address=${DNS}`, '--local-ttl=77', '--local=/example/', '--auth-ttl=60'],
    ...['--host-record=dual.example,203.0.113.7,2001:db8::7', '--cname=alias.example,dual.example'],
    ...['--mx-host=Mail.example,mx1.example,10', '--mx-host=Mail.example,mx2.example,20'],
    ...['--srv-host=_sip._tcp.example,sip.example,5060,10,60', '--srv-host=_sip._tcp.example,sip2.example,5061,20,0'],
    ...['--txt-record=text.example,one,two words,Größe', '--txt-record=text.example,another'],
    ...['--caa-record=caa.example,0,issue,ca.example', '--caa-record=caa.example,128,iodef,mailto:a@example'],
    ...['--ptr-record=pointer.example,target.example', '--dns-rr=ns.example,2,036e7331076578616d706c6500'],
    // ns1.example. admin.example. 1 2 3 4 5
    '--dns-rr=soa.example,6,036e733107657861 6d706c6500 0561646d696e07657861 6d706c6500 00000001 00000002 00000003 00000004 00000005'.replaceAll(
      ' ',
      '',
    ),
  ]);
  odd = await startMisbehavingServer(SRV, { addresses: ['198.51.100.54'] });
  writeNetnsFiles(RED, {
    'resolv.conf': `nameserver ${DNS}\noptions timeout:1 attempts:1\n`,
    hosts: '192.0.2.31 hosts.example hosts\n',
    'nsswitch.conf': 'hosts: files dns\n',
  });
});

afterAll(async () => {
  await dnsmasq?.stop();
  await odd?.stop();
  namespaces?.remove();
  rmSync(`/etc/netns/${RED}`, { recursive: true, force: true });
});

type Call = readonly [method: string, ...args: unknown[]];
type Outcome =
  | { value: unknown }
  | { code: string | undefined; syscall: string | undefined; hostname: string | undefined };

const resolver = (dns: VrfTarget['dns'] = {}) => createVrfResolver({ namespace: RED, dns });

async function outcome(promise: Promise<unknown>): Promise<Outcome> {
  try {
    return { value: await promise };
  } catch (error) {
    const { code, syscall, hostname } = error as NodeJS.ErrnoException & { hostname?: string };
    return { code, syscall, hostname };
  }
}

/** What Node's own Resolver says, c-ares that is, in a process in the namespace. */
async function asNode(calls: readonly Call[], server = DNS): Promise<Outcome[]> {
  const program = `
    const { Resolver } = require('node:dns/promises');
    const resolver = new Resolver({ timeout: 1000, tries: 1 });
    resolver.setServers(['${server}']);
    const calls = ${JSON.stringify(calls)};
    Promise.all(calls.map(([method, ...args]) => resolver[method](...args).then(
      (value) => ({ value }),
      ({ code, syscall, hostname }) => ({ code, syscall, hostname }),
    ))).then((all) => console.log(JSON.stringify(all)));`;
  const { stdout } = await promisify(execFile)('ip', ['netns', 'exec', RED, process.execPath, '-e', program]);
  return JSON.parse(stdout) as Outcome[];
}

function ours(calls: readonly Call[], by = resolver()): Promise<Outcome[]> {
  return Promise.all(
    calls.map(([method, ...args]) => {
      const call = by[method as 'resolve'] as (...all: unknown[]) => Promise<unknown>;
      return outcome(call.apply(by, args));
    }),
  );
}

/** Newer versions of Node give records a `type`, of which its documentation says nothing for these methods. */
function withoutType(record: unknown): unknown {
  if (typeof record !== 'object' || record === null) return record;
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== 'type'));
}

/** Servers give the records of a set in any order. */
function unordered(outcomes: readonly Outcome[]): unknown[] {
  const key = (value: unknown): string => JSON.stringify(value);
  return outcomes.map((one) => {
    if (!('value' in one)) return one;
    if (!Array.isArray(one.value)) return withoutType(one.value);
    return one.value
      .map((record) => (Array.isArray(record) ? record : withoutType(record)))
      .sort((a, b) => (key(a) < key(b) ? -1 : 1));
  });
}

describe('createVrfResolver beside dns.promises.Resolver in a process inside the namespace', () => {
  it('gives the same records, in the same shape', async () => {
    const calls: Call[] = [
      ...(['resolve4', 'resolve6'] as const).flatMap((method): Call[] => [
        [method, 'dual.example'],
        [method, 'dual.example', { ttl: true }],
        [method, 'alias.example'],
        [method, 'DUAL.example.'],
      ]),
      ['resolveCname', 'alias.example'],
      ['resolveMx', 'mail.example'],
      ['resolveSrv', '_sip._tcp.example'],
      ['resolveTxt', 'text.example'],
      ['resolveCaa', 'caa.example'],
      ['resolvePtr', 'pointer.example'],
      ['resolveNs', 'ns.example'],
      ['resolveSoa', 'soa.example'],
      ['reverse', '203.0.113.7'],
      ['reverse', '2001:db8::7'],
      ['resolve', 'dual.example'],
      ...(['A', 'AAAA'] as const).map((type): Call => ['resolve', 'dual.example', type]),
      ['resolve', 'text.example', 'TXT'],
      ['resolve', 'soa.example', 'SOA'],
    ];
    const [reference, own] = [await asNode(calls), await ours(calls)];
    // What a type that is not there gives in both would prove nothing.
    expect(reference.filter((one) => !('value' in one))).toEqual([]);
    for (const [index, call] of calls.entries())
      expect(unordered(own)[index], call.join(' ')).toEqual(unordered(reference)[index]);
  });

  it('has the same error codes', async () => {
    const calls: Call[] = [
      ['resolve4', 'nosuch.example'],
      ['resolve6', 'nosuch.example'],
      ['resolveMx', 'dual.example'],
      ['resolveSrv', 'dual.example'],
      ['resolveTxt', 'dual.example'],
      ['resolveCname', 'dual.example'],
      ['resolveNs', 'dual.example'],
      ['resolvePtr', 'dual.example'],
      ['resolveSoa', 'dual.example'],
      ['resolveCaa', 'dual.example'],
      ['resolve4', 'a..example'],
      ['reverse', 'dual.example'],
    ];
    const [reference, own] = [await asNode(calls), await ours(calls)];
    expect(own).toEqual(reference);
    const failing: Call[] = ['servfail', 'refused', 'silent', 'nxdomain', 'nodata'].map((label) => [
      'resolve4',
      `${label}.example`,
    ]);
    const [theirs, mine] = [
      await asNode(failing, '198.51.100.54'),
      await ours(failing, resolver({ servers: ['198.51.100.54'] })),
    ];
    expect(mine).toEqual(theirs);
    const [refused, notThere] = [
      await asNode([['resolve4', 'x.example']], '198.51.100.1'),
      resolver({ servers: ['198.51.100.1'] }),
    ];
    expect(await ours([['resolve4', 'x.example']], notThere)).toEqual(refused);
  });
});

describe('a resolver of a VRF', () => {
  it('asks for names as they are, and from its namespace alone', async () => {
    const seen = await capture(undefined, `port 53`);
    const searching = resolver({ search: ['example'] });
    await expect(searching.resolve4('dual')).rejects.toBeInstanceOf(DnsQueryError);
    await expect(searching.resolve4('hosts.example')).rejects.toBeInstanceOf(DnsQueryError);
    expect(await searching.lookup('dual', { family: 4 })).toEqual({ address: '203.0.113.7', family: 4 });
    expect(await searching.lookup('hosts', { all: true })).toEqual([{ address: '192.0.2.31', family: 4 }]);
    expect(await searching.reverse('192.0.2.31')).toEqual(['hosts.example', 'hosts']);
    expect((await seen.stop()).filter((line) => line !== '')).toEqual([]);
  });

  it('says what each server failed with', async () => {
    const error = await resolver({ servers: ['198.51.100.54', '198.51.100.1'] })
      .resolveMx('servfail.example')
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'DnsQueryError', syscall: 'queryMx', hostname: 'servfail.example' });
    expect(String(error)).toMatch(/198\.51\.100\.54: SERVFAIL; 198\.51\.100\.1: ECONNREFUSED/);
  });

  it('asks other servers from then on that it is given some', async () => {
    const own = resolver();
    expect(own.getServers()).toEqual([DNS]);
    own.setServers(['198.51.100.54', '[2001:db8::53]:5353', '192.0.2.53:53']);
    expect(own.getServers()).toEqual(['198.51.100.54', '[2001:db8::53]:5353', '192.0.2.53']);
    expect(await own.resolve4('plain.example')).toEqual(['198.51.100.7']);
    for (const servers of [[], ['ns.example'], 'x', [7]])
      expect(() => own.setServers(servers as string[])).toThrow(InvalidOptionError);
    expect(own.getServers()).toHaveLength(3);
  });

  it('cancels what is under way, and leaves nothing open', async () => {
    const before = openFds();
    const own = resolver({ servers: ['198.51.100.54'], timeout: 30_000 });
    const running = ['a', 'b'].map((name) => outcome(own.resolveTxt(`silent.${name}.example`)));
    await retryUntil(async () => (await odd.seen()).filter(({ name }) => name.startsWith('silent.')).length >= 2);
    own.cancel();
    expect(await Promise.all(running)).toEqual(
      ['a', 'b'].map((name) => ({
        code: 'ECANCELLED',
        syscall: 'queryTxt',
        hostname: `silent.${name}.example`,
      })),
    );
    // A socket that was made ahead is kept for a moment.
    await retryUntil(() => leakedFds(before).length === 0);
    // Only what was under way.
    expect(await own.resolve4('plain.example')).toEqual(['198.51.100.7']);
  });

  it('waits for its namespace, as long as it is told, or until it is cancelled', async () => {
    const late = uniqueName('late');
    await expect(createVrfResolver({ namespace: late }).resolve4('x')).rejects.toBeInstanceOf(NamespaceNotFoundError);
    const own = createVrfResolver({ namespace: late, waitForNamespace: 20_000, dns: { servers: ['127.0.0.1'] } });
    const cancelled = own.resolve4('x');
    setTimeout(() => own.cancel(), 50);
    await expect(cancelled).rejects.toMatchObject({ code: 'ECANCELLED' });
    const waiting = own.resolve4('x');
    setTimeout(() => ip(`netns add ${late}`), 50);
    await expect(waiting).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    ip(`netns del ${late}`);
  });

  it('refuses what cannot be right', async () => {
    expect(() => createVrfResolver({} as VrfTarget)).toThrow(InvalidOptionError);
    expect(() => createVrfResolver({ namespace: RED, servers: [DNS] } as VrfTarget)).toThrow(/servers/);
    const own = resolver();
    await expect(own.resolve('x', 'ANY' as 'A')).rejects.toThrow(/rrtype must be one of A, AAAA/);
    await expect(own.resolve4(7 as unknown as string)).rejects.toThrow(InvalidOptionError);
    await expect(own.resolve4('x', { tll: true } as object)).rejects.toThrow(/ttl/);
  });
});
