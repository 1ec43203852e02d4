import { createServer } from 'node:net';
import { inspect } from 'node:util';
import {
  Do,
  type FilterOptions,
  LAAddClass,
  LAAddFilter,
  LAAddNetem,
  LAAddQdisc,
  LAAddTbf,
  LAGeneric,
  LANewBridge,
  LANewVeth,
  LASetMaster,
  LASetPort,
  LASetUp,
  LAWireguard,
  LinkDo,
  LPName,
  NASockets,
  NPName,
  NsDo,
} from 'neslink';
import { generateWireguardKey, u32Match } from 'netlink-links';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listenInVrf } from 'vrf-dial';
import { ip, makeNamespaces, run, uniqueName } from '#testkit';

let name: string;
let namespaces: ReturnType<typeof makeNamespaces>;
beforeEach(() => {
  name = uniqueName('t');
  namespaces = makeNamespaces(name);
});
afterEach(() => namespaces.remove());

const tc = (...args: string[]): string => run('tc', ['-n', name, ...args]);
const port = (link: string): Record<string, unknown> =>
  JSON.parse(ip('-n', name, '-j', '-d', 'link', 'show', link))[0].linkinfo.info_slave_data;

describe('a port of a bridge', () => {
  it('is set by LASetPort, for a link of its own and for the link of LinkDo', async () => {
    await Do(
      NPName(name),
      LANewBridge('br0'),
      LANewVeth('v0', 'v1'),
      LASetMaster(LPName('v0'), 'br0'),
      LASetPort(LPName('v0'), { hairpin: true, isolated: true }),
    );
    expect(port('v0')).toMatchObject({ hairpin: true, isolated: true, guard: false });
    const { err } = await LinkDo(NPName(name), LPName('v0'), LASetPort({ guard: true, cost: 7 }));
    expect(err).toBeUndefined();
    expect(port('v0')).toMatchObject({ hairpin: true, guard: true, cost: 7 });
    const refused = await NsDo(NPName(name), LASetPort(LPName('v1'), { hairpin: true }));
    expect(refused.err).toMatchObject({ action: 'LASetPort', code: 'EOPNOTSUPP' });
  });
});

describe('the traffic of a link', () => {
  const https: FilterOptions = {
    kind: 'u32',
    parent: '1:',
    protocol: 'ip',
    priority: 10,
    keys: u32Match({ protocol: 6, destinationPort: 443 }),
    classid: '1:10',
  };

  it('is shared by LAAddQdisc, LAAddClass and LAAddFilter, as tc shows it', async () => {
    await Do(NPName(name), LANewVeth('v0', 'v1'), LASetUp(LPName('v0')), LASetUp(LPName('v1')));
    const { err, results } = await LinkDo(
      NPName(name),
      LPName('v0'),
      LAAddQdisc({ kind: 'htb', handle: '1:', defaultClass: 0x20 }),
      LAAddClass({ kind: 'htb', classid: '1:1', rate: 10_000_000 }),
      LAAddClass({ kind: 'htb', classid: '1:10', parent: '1:1', rate: 2_000_000, ceil: 10_000_000 }),
      LAAddClass({ kind: 'htb', classid: '1:20', parent: '1:1', rate: 8_000_000 }),
      LAAddFilter(https),
    );
    expect(err).toBeUndefined();
    expect(results[4]).toMatchObject({ parent: '1:', priority: 10, handle: '800::800' });
    expect(tc('qdisc', 'show', 'dev', 'v0')).toContain('qdisc htb 1: root');
    expect(tc('class', 'show', 'dev', 'v0')).toMatch(/class htb 1:10 parent 1:1 .*rate 2Mbit ceil 10Mbit/);
    expect(tc('filter', 'show', 'dev', 'v0')).toMatch(/pref 10 u32 .*flowid 1:10/);
  });

  it('is what was read of another link', async () => {
    await Do(NPName(name), LANewVeth('v0', 'v1'));
    await LinkDo(
      NPName(name),
      LPName('v0'),
      LAAddQdisc({ kind: 'htb', handle: '1:' }),
      LAAddClass({ kind: 'htb', classid: '1:10', rate: 2_000_000 }),
      LAAddFilter(https),
    );
    const [[classes, filters]] = await Do(
      NPName(name),
      LAGeneric('read', ({ netlink }) => Promise.all([netlink.classList('v0'), netlink.filterList('v0')])),
    );
    await LinkDo(
      NPName(name),
      LPName('v1'),
      LAAddQdisc({ kind: 'htb', handle: '1:' }),
      ...classes.map((each) => LAAddClass(each)),
      ...filters.map((each) => LAAddFilter(each)),
    ).then(({ err }) => expect(err).toBeUndefined());
    for (const what of ['class', 'filter']) expect(tc(what, 'show', 'dev', 'v1')).toBe(tc(what, 'show', 'dev', 'v0'));
  });

  it('is not shaped on a link that the options name beside the provider', async () => {
    const other = { link: 'lo' };
    for (const action of [
      LAAddQdisc(LPName('lo'), { kind: 'htb', ...other }),
      LAAddClass(LPName('lo'), { kind: 'htb', classid: '1:1', rate: 8000, ...other }),
      LAAddFilter(LPName('lo'), { ...https, ...other }),
      LAAddNetem(LPName('lo'), { latency: 1, ...other }),
      LAAddTbf(LPName('lo'), { rate: 8000, burst: 1000, ...other }),
    ]) {
      const { err } = await NsDo(NPName(name), action);
      expect(err).toMatchObject({ code: 'ERR_INVALID_ARGUMENT', action: action.name });
      expect(err?.message).toContain(`${action.name} acts on the link of its provider`);
    }
  });

  it('is not shaped by what is not an object, or lacks its kind', async () => {
    for (const [action, text] of [
      [LAAddClass(LPName('lo'), 'htb' as never), "classAdd needs an object, got 'htb'"],
      [LAAddClass(LPName('lo'), {} as never), 'kind must be one of'],
      [LAAddFilter('lo' as never, https), "write LPName('lo')"],
    ] as const)
      expect((await NsDo(NPName(name), action)).err?.message).toContain(text);
  });
});

describe('NASockets', () => {
  it('gives the sockets of the namespace that a filter chooses', async () => {
    const listener = await listenInVrf(createServer(), { namespace: name, host: '127.0.0.1', port: 8080 });
    try {
      const [all, listening, established] = await Do(
        NPName(name),
        NASockets(),
        NASockets({ protocol: 'tcp', states: ['listen'] }),
        NASockets({ states: ['established'] }),
      );
      expect(listening).toMatchObject([{ protocol: 'tcp', local: { address: '127.0.0.1', port: 8080 } }]);
      expect(all).toEqual(listening);
      expect(established).toEqual([]);
    } finally {
      await listener.close();
    }
    const { err } = await NsDo(NPName(name), NASockets({ port: 1 } as never));
    expect(err).toMatchObject({ code: 'ERR_INVALID_ARGUMENT', action: 'NASockets' });
  });
});

describe('LAWireguard', () => {
  it('never repeats a key that was given in the wrong place', async () => {
    const key = generateWireguardKey();
    for (const action of [
      LAWireguard(key as never, { privateKey: key }),
      LAWireguard({ privateKey: `${key}\n` }),
      LAWireguard(LPName(key), { privateKey: key }),
      LAWireguard(LPName('lo'), key as never),
      LAWireguard(LPName('lo'), { [key]: 1 } as never),
    ]) {
      const { err } = await LinkDo(NPName(name), LPName('lo'), action);
      expect(err).toMatchObject({ code: 'ERR_INVALID_ARGUMENT', action: 'LAWireguard' });
      expect(inspect(err, { depth: 9 })).not.toContain(key.slice(0, 20));
    }
  });
});
