import {
  Do,
  LAAddAddr,
  LAAddRoute,
  LAAddTbf,
  LADelAddr,
  LADelete,
  LADelRoute,
  LAGeneric,
  LANewBridge,
  LANewVeth,
  LANewVxlan,
  LASetAlias,
  LASetDown,
  LASetHw,
  LASetMaster,
  LASetMTU,
  LASetName,
  LASetPromiscOff,
  LASetPromiscOn,
  LASetUp,
  LinkDo,
  LPAlias,
  LPGeneric,
  LPIndex,
  LPName,
  LPNewBridge,
  LPNewVeth,
  LPNewVxlan,
  MustLinkDo,
  NADeleteNamed,
  NAGetLink,
  NAGetNsFd,
  NALinks,
  NANewNs,
  NASetLinkNs,
  NPHome,
  NPName,
  NPNew,
  NPNow,
  NsDo,
} from 'neslink';
import { resolveNamespace } from 'netns-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ip, ipIn, ipJson, makeNamespaces, openFds, run, runProgram, uniqueName, untilNothingLeaks } from '#testkit';

interface IpLink {
  ifname: string;
  ifindex: number;
  address: string;
  flags: string[];
  mtu: number;
  master?: string;
  ifalias?: string;
  promiscuity: number;
  linkinfo?: { info_kind: string; info_data: Record<string, unknown> };
}

let name: string;
let namespaces: ReturnType<typeof makeNamespaces>;
let fds: Map<number, string>;
const link = (ifname: string, namespace = name): IpLink => {
  const found = ipJson<IpLink>(`link show ${ifname}`, namespace)[0];
  if (found === undefined) throw new Error(`no ${ifname} in ${namespace}`);
  return found;
};
const names = (namespace = name): string[] => ipJson<IpLink>('link show', namespace).map(({ ifname }) => ifname);

beforeEach(() => {
  name = uniqueName('l');
  namespaces = makeNamespaces(name);
  resolveNamespace('').close();
  fds = openFds();
});
afterEach(async () => {
  namespaces.remove();
  await untilNothingLeaks(fds);
});

describe('LinkDo', () => {
  it('makes bridge br0 with MAC 12:23:34:45:56:67, up, in a namespace that exists already', async () => {
    const { err, ok } = await LinkDo(NPName(name), LPNewBridge('br0'), LASetHw('12:23:34:45:56:67'), LASetUp());
    expect({ err, ok }).toEqual({ err: undefined, ok: true });
    expect(link('br0')).toMatchObject({ address: '12:23:34:45:56:67', linkinfo: { info_kind: 'bridge' } });
    expect(link('br0').flags).toContain('UP');
    expect(ipJson<IpLink>('link show').map(({ ifname }) => ifname)).not.toContain('br0');
  });

  it('does every action to its link, found by name, index or alias', async () => {
    await Do(NPName(name), LANewVeth('v0', 'v1'), LANewBridge('br0'), LASetAlias(LPName('v0'), 'the link'));
    const before = link('v0');
    const done = await LinkDo(
      NPName(name),
      LPAlias('the link'),
      LASetDown(),
      LASetName('w0'),
      LASetMTU(1400),
      LASetPromiscOn(),
      LASetMaster('br0'),
      LASetHw('02:00:00:00:00:01'),
      LAAddAddr('192.0.2.1/24'),
      LAAddAddr('2001:db8::1/64'),
      LASetUp(),
      LASetUp(LPName('v1')),
      LAAddRoute('198.51.100.0/24', '192.0.2.254'),
      LAAddRoute({ dst: '203.0.113.0/24', gateway: '192.0.2.254', priority: 77 }),
      LAAddTbf({ rate: 8_000_000, burst: 4000, latency: 50 }),
      LAGeneric('index', (context) => context.link?.index),
    );
    expect(done.err).toBeUndefined();
    const after = link('w0');
    expect(after).toMatchObject({
      ifindex: before.ifindex,
      mtu: 1400,
      master: 'br0',
      address: '02:00:00:00:00:01',
      promiscuity: 2,
    });
    expect(done.results.at(-1)).toBe(before.ifindex);
    const addresses = ip('-n', name, '-o', 'addr', 'show', 'dev', 'w0');
    expect(addresses).toContain('192.0.2.1/24');
    expect(addresses).toContain('2001:db8::1/64');
    expect(ipJson('route show', name)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ dst: '198.51.100.0/24', gateway: '192.0.2.254', dev: 'w0' }),
        expect.objectContaining({ dst: '203.0.113.0/24', metric: 77 }),
      ]),
    );
    const qdisc = run('ip', ['netns', 'exec', name, 'tc', 'qdisc', 'show', 'dev', 'w0']);
    expect(qdisc).toMatch(/tbf .*rate 8Mbit burst \d+(b|Kb) lat 50(\.0)?ms/);
    await MustLinkDo(
      NPName(name),
      LPIndex(before.ifindex),
      LADelRoute('198.51.100.0/24', '192.0.2.254'),
      LADelRoute({ dst: '203.0.113.0/24', priority: 77 }),
      LADelAddr('192.0.2.1/24'),
      LASetPromiscOff(),
      LADelete(),
    ).then(({ err }) => expect(err).toBeUndefined());
    expect(names()).not.toContain('w0');
    expect(names()).not.toContain('v1');
  });

  it('says that there is no such link, that it exists already, that an action needs one', async () => {
    const missing = await LinkDo(NPName(name), LPName('none0'), LASetUp());
    expect(missing.err).toMatchObject({ name: 'ProviderError', provider: 'LPName' });
    expect(missing.err?.message).toContain('none0');
    await Do(NPName(name), LANewBridge('br0'));
    const twice = await LinkDo(NPName(name), LPNewBridge('br0'));
    expect(twice.err).toMatchObject({ provider: 'LPNewBridge', code: 'EEXIST' });
    const without = await NsDo(NPName(name), LASetUp());
    expect(without.err?.message).toMatch(/action 1 \(LASetUp\).*link provider first/);
    const bad = await NsDo(
      NPName(name),
      LASetUp(LPName('br0')),
      LASetHw(LPName('br0'), 'nonsense'),
      LASetDown(LPName('br0')),
    );
    expect(bad.err).toMatchObject({ position: 2, action: 'LASetHw' });
    expect(link('br0').flags).toContain('UP');
    const generic = await LinkDo(
      NPName(name),
      LPGeneric('', () => Promise.reject(new Error('cannot'))),
    );
    expect(generic.err?.message).toContain('"unnamed-link-provider" gives no link: cannot');
  });

  it('makes veth pairs and VXLAN links, learning left on as the kernel has it', async () => {
    const { results, err } = await NsDo(NPName(name), NAGetLink(LPNewVeth('a0', 'a1')), NALinks());
    expect(err).toBeUndefined();
    const [made, all] = results;
    expect(made).toMatchObject({ type: 'veth', name: 'a0' });
    expect(all.map((each) => each.name).sort()).toEqual(['a0', 'a1', 'lo']);
    await Do(NPName(name), LANewVxlan('vx0', '192.0.2.1', '192.0.2.9', 42, 4789));
    await LinkDo(NPName(name), LPNewVxlan('vx1', '192.0.2.1', '192.0.2.9', 43, 4789));
    expect(link('vx0').linkinfo?.info_data).toMatchObject({
      id: 42,
      local: '192.0.2.1',
      remote: '192.0.2.9',
      port: 4789,
      learning: true,
    });
    expect(link('vx1').linkinfo?.info_data).toMatchObject({ id: 43 });
  });
});

describe('moving links', () => {
  it('puts a link into another namespace and gives its index there', async () => {
    const other = uniqueName('l');
    using _ = makeNamespaces(other);
    ipIn(name, 'link add v0 type veth peer name v1');
    const [index] = await Do(NPName(name), NASetLinkNs(LPName('v1'), NPName(other)));
    expect(names()).toEqual(expect.not.arrayContaining(['v1']));
    expect(link('v1', other).ifindex).toBe(index);
    const refused = await NsDo(NPName(name), NASetLinkNs(LPName('v0'), NPName('no-such')));
    expect(refused.err?.message).toMatch(/action 1 \(NASetLinkNs\).*provider "NPName" gives no namespace.*no-such/);
    const gone = await NsDo(NPName(name), NASetLinkNs(LPName('v1'), NPName(other)));
    expect(gone.err?.message).toContain('gives no link');
  });

  it('moves a link to the namespace that the process started in with NPHome, also where the thread has moved', async () => {
    await Do(NPName(name), LANewVeth('v0', 'v1'));
    const home = `h${name}`;
    const [, index] = await Do(NPName(name), LASetName(LPName('v0'), home), NASetLinkNs(LPName(home), NPHome()));
    expect(ipJson<IpLink>(`link show ${home}`)[0]).toMatchObject({ ifname: home, ifindex: index });
    await Do(NPHome(), LADelete(LPName(home)));
    expect(names()).toEqual(['lo']);
    using started = await NPHome().provide();
    expect(started.exists()).toBe(true);
    const other = uniqueName('l');
    using _ = makeNamespaces(other);
    const { stdout, stderr } = await runProgram(`
      import { readlinkSync } from 'node:fs';
      import { resolveNamespace, set } from 'netns-core';
      import { Do, NAGetNsFd, NPHome, NPNow } from 'neslink';
      const home = readlinkSync('/proc/self/ns/net');
      set(resolveNamespace('${other}'));
      const [now, started] = [(await Do(NPNow(), NAGetNsFd()))[0], (await Do(NPHome(), NAGetNsFd()))[0]];
      console.log(\`net:[\${started.ino}]\` === home, now.equals(started));
      now.close();
      started.close();
    `);
    expect(stderr).toBe('');
    expect(stdout).toBe('true false\n');
  });

  it('means the new namespace by NPNow after NANewNs, and does not move a link to where it is', async () => {
    const fresh = uniqueName('l');
    const [namespace, , , index, fd] = await Do(
      NPName(name),
      NANewNs(fresh),
      LANewVeth('v0', 'v1'),
      NANewNs(`${fresh}b`),
      LAGeneric('other', async ({ netlink }) => {
        await netlink.linkAdd({ type: 'veth', name: 'x0', peer: { name: 'x1' } });
        return (await netlink.linkByName('x0')).index;
      }),
      NAGetNsFd(),
    );
    expect(namespace.path).toBe(`/run/netns/${fresh}`);
    expect(names(fresh).sort()).toEqual(['lo', 'v0', 'v1']);
    expect(link('x0', `${fresh}b`).ifindex).toBe(index);
    // From the first into the second, which is where the actions are by then: a move onto itself.
    await Do(NPName(fresh), NASetLinkNs(LPName('v0'), NPName(`${fresh}b`)));
    const stays = await NsDo(NPName(`${fresh}b`), NASetLinkNs(LPName('v0'), NPNow()));
    expect(stays.err).toMatchObject({ code: 'ERR_INVALID_ARGUMENT', action: 'NASetLinkNs', position: 1 });
    expect(stays.err?.message).toMatch(/"v0" is in the caller's namespace already.*NPHome\(\)/);
    fd.close();
    await Do(NPName(`${fresh}b`), NADeleteNamed(`${fresh}b`), NADeleteNamed(fresh));
    const [links] = await Do(NPNew(), NALinks());
    expect(links.map((each) => each.name)).toEqual(['lo']);
  });
});
