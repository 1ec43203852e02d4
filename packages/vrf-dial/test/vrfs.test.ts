import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { InvalidOptionError, vrfToNetns } from 'netns-core';
import { replaceSyscalls } from 'netns-core/sys';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ip, ipJson, leakedFds, makeNamespaces, openFds, retryUntil, run, uniqueName } from '#testkit';
import { listVrfs, netnsToVrf, type Vrf, type VrfEvent, type WatchVrfsOptions, watchVrfs } from '../src/index.ts';
import { linksOfKind, readLink } from '../src/vrfs/link-kinds.ts';

let cleanups: (() => unknown)[];

beforeEach(() => {
  cleanups = [];
});

afterEach(() => {
  for (const cleanup of cleanups.reverse()) cleanup();
});

/** A namespace by the convention, and the VRF that it is. */
function makeVrf(): string {
  const vrf = uniqueName('v');
  const made = makeNamespaces(`ns-${vrf}`);
  cleanups.push(() => made.remove());
  return vrf;
}

/** Makes the kernel's links look like VRF devices: not every kernel has those. */
function bridgesAsVrfDevices(): void {
  const restore = replaceSyscalls((real) => ({
    recv: (fd, buffer, flags) => {
      const length = real.recv(fd, buffer, flags);
      const bytes = Buffer.from(buffer.buffer, buffer.byteOffset, Math.max(length, 0));
      for (let at = bytes.indexOf('bridge\0'); at >= 0; at = bytes.indexOf('bridge\0', at + 1))
        bytes.write('vrf\0', at);
      return length;
    },
  }));
  cleanups.push(restore);
}

describe('netnsToVrf', () => {
  it('is the other direction of vrfToNetns', () => {
    expect(['ns-red', 'default', 'red', '', 'ns-', 'NS-red'].map(netnsToVrf)).toEqual([
      ...['red', 'default', undefined, undefined, undefined, undefined],
    ]);
    for (const name of ['ns-red', 'ns-default', 'ns-ns-x', 'ns-a b', 'default'])
      expect(vrfToNetns(netnsToVrf(name) ?? '')).toBe(name);
    expect(() => netnsToVrf(7 as unknown as string)).toThrow(InvalidOptionError);
  });
});

describe('listVrfs', () => {
  it('has the default VRF and the namespaces of the convention that can be entered', () => {
    const vrf = makeVrf();
    const other = uniqueName('other');
    const made = makeNamespaces(other);
    cleanups.push(() => made.remove());
    mkdirSync('/run/netns', { recursive: true });
    const file = `/run/netns/ns-${uniqueName('file')}`;
    writeFileSync(file, '');
    cleanups.push(() => rmSync(file));
    const vrfs = listVrfs();
    expect(vrfs[0]).toEqual({ name: 'default', kind: 'default', target: { vrf: 'default' } });
    const namespaces = vrfs.filter(({ kind }) => kind === 'namespace');
    expect(namespaces).toContainEqual({ name: vrf, kind: 'namespace', namespace: `ns-${vrf}`, target: { vrf } });
    expect(namespaces.map((one) => 'namespace' in one && one.namespace)).not.toContain(file.slice(11));
    expect(vrfs.map(({ name }) => name)).not.toContain(other);
  });

  it("has the kernel's VRF devices", () => {
    bridgesAsVrfDevices();
    const device = uniqueName('br');
    ip(`link add ${device} type bridge`);
    cleanups.push(() => ip(`link del ${device}`));
    const [link] = ipJson<{ ifindex: number }>(`link show dev ${device}`);
    expect(listVrfs().filter(({ name }) => name === device)).toEqual([
      {
        ...{ name: device, kind: 'device', interface: device, ifindex: link?.ifindex, table: expect.any(Number) },
        target: { namespace: '', interface: device },
      },
    ]);
  });
});

describe('links of a kind', () => {
  it('are those that ip finds in the namespace, however many there are', () => {
    const namespace = uniqueName('links');
    const made = makeNamespaces(namespace);
    cleanups.push(() => made.remove());
    const bridges = Array.from({ length: 60 }, (_, index) => `link add br${index} type bridge`);
    const input = [...bridges, 'link add va type veth peer name vb'].join('\n');
    run('ip', ['-n', namespace, '-batch', '-'], { input });
    for (const kind of ['bridge', 'veth', 'vrf']) {
      const expected = ipJson<{ ifname: string; ifindex: number; linkinfo?: { info_kind?: string } }>(
        '-d link',
        namespace,
      )
        .filter(({ linkinfo }) => linkinfo?.info_kind === kind)
        .map(({ ifname, ifindex }) => ({ name: ifname, index: ifindex, table: undefined }))
        .sort((one, other) => one.index - other.index);
      expect(linksOfKind(namespace, kind)).toEqual(expected);
    }
  });

  it('have the table of a VRF device, and damaged messages are passed over', () => {
    // What `ip link add red type vrf table 10` makes the kernel say, without attributes that do not matter here.
    const message = Buffer.from(
      [
        '00000000 07000000 c1000000 00000000', // struct ifinfomsg: ifindex 7
        '08000300 72656400', // IFLA_IFNAME "red"
        '1c001200', // IFLA_LINKINFO
        '08000100 76726600', // IFLA_INFO_KIND "vrf"
        '10000200 08000100 0a000000 00000000', // IFLA_INFO_DATA { IFLA_VRF_TABLE 10 }
      ]
        .join('')
        .replaceAll(' ', ''),
      'hex',
    );
    const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    expect(readLink(view(message), 'vrf')).toEqual({ name: 'red', index: 7, table: 10 });
    expect(readLink(view(message), 'bridge')).toBeUndefined();
    for (let length = 0; length < message.length; length += 1) readLink(view(message.subarray(0, length)), 'vrf');
    for (let at = 0; at < message.length; at += 1) {
      const damaged = Buffer.from(message);
      damaged[at] = 0xff;
      readLink(view(damaged), 'vrf');
    }
  });
});

describe('watchVrfs', () => {
  /** Collects the events of VRFs whose names are given. */
  function collect(options: WatchVrfsOptions, names: ReadonlySet<string>) {
    const events: string[] = [];
    const watch = watchVrfs(options);
    const ended = (async () => {
      for await (const { type, vrf } of watch) if (names.has(vrf.name)) events.push(`${type} ${vrf.kind} ${vrf.name}`);
    })();
    return { events, ended };
  }

  it('tells of namespaces and devices that come and go', async () => {
    bridgesAsVrfDevices();
    const [vrf, device] = [uniqueName('v'), uniqueName('br')];
    const controller = new AbortController();
    const { events, ended } = collect({ signal: controller.signal }, new Set([vrf, device, 'default']));
    ip(`netns add ns-${vrf}`);
    await retryUntil(() => events.length === 1);
    ip(`link add ${device} type bridge`);
    await retryUntil(() => events.length === 2);
    ip(`link del ${device}`);
    await retryUntil(() => events.length === 3);
    ip(`netns del ns-${vrf}`);
    await retryUntil(() => events.length === 4);
    controller.abort();
    await ended;
    expect(events).toEqual([
      ...[`added namespace ${vrf}`, `added device ${device}`, `removed device ${device}`, `removed namespace ${vrf}`],
    ]);
  });

  it('begins with what is there if it is told to', async () => {
    const vrf = makeVrf();
    const controller = new AbortController();
    const { events, ended } = collect({ signal: controller.signal, listExisting: true }, new Set([vrf, 'default']));
    await retryUntil(() => events.length === 2);
    controller.abort();
    await ended;
    expect(events).toEqual(['added default default', `added namespace ${vrf}`]);
  });

  it('leaves nothing open when it is left', async () => {
    makeVrf();
    const once = async (): Promise<VrfEvent | undefined> => {
      for await (const event of watchVrfs({ listExisting: true })) return event;
      return undefined;
    };
    await once();
    const before = openFds();
    expect((await once())?.vrf satisfies Vrf | undefined).toMatchObject({ name: 'default' });
    {
      await using _watch = watchVrfs();
    }
    for await (const _event of watchVrfs({ signal: AbortSignal.abort() })) expect.fail('it is aborted');
    await retryUntil(() => leakedFds(before).length === 0);
  });

  it('refuses options that it does not know', () => {
    expect(() => watchVrfs({ listexisting: true } as WatchVrfsOptions)).toThrow(/listExisting/);
    expect(() => watchVrfs({ listExisting: 1 } as unknown as WatchVrfsOptions)).toThrow(InvalidOptionError);
    expect(() => watchVrfs({ signal: {} as AbortSignal })).toThrow(InvalidOptionError);
  });
});
