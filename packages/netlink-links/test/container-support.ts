import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Result } from 'cni-types';
import { addNetworkList, delNetworkList } from 'cni-types/runtime';
import { expect } from 'vitest';
import { ip, ipJson, makeNamespaces, retryUntil, run, uniqueName } from '#testkit';

/** A namespace that CNI has given its network: Debian's `bridge` and `host-local`. */
export interface Pod extends AsyncDisposable {
  readonly name: string;
  readonly nsPath: string;
  readonly result: Result;
  /** The name of the bridge on the host's side. */
  readonly hostBridge: string;
}

/** What a pod's network is to be. */
export interface PodOptions {
  subnets?: readonly string[];
  mtu?: number;
  cniVersion?: string;
  /** More interfaces, each with the subnets of its own network. */
  more?: readonly (readonly string[])[];
}

/** Makes a pod with the real plugins. */
export async function makePod(options: PodOptions = {}): Promise<Pod> {
  const { subnets = ['192.0.2.0/24'], mtu = 1450, cniVersion = '1.0.0', more = [] } = options;
  const name = uniqueName('pod');
  const folder = mkdtempSync(path.join(tmpdir(), 'pod-'));
  const namespaces = makeNamespaces(name);
  // As the runtime makes it: the loopback is down.
  ip('-n', name, 'link', 'set', 'lo', 'down');
  ip('-n', name, 'addr', 'flush', 'dev', 'lo');
  const undo: (() => Promise<void>)[] = [];
  const bridges: string[] = [];
  const add = async (ifName: string, ranges: readonly string[]): Promise<Result> => {
    const bridge = uniqueName('br');
    bridges.push(bridge);
    const list = {
      cniVersion,
      name: bridge,
      plugins: [
        {
          type: 'bridge',
          bridge,
          isDefaultGateway: ifName === 'eth0',
          isGateway: true,
          mtu,
          ipam: {
            type: 'host-local',
            dataDir: path.join(folder, 'ipam'),
            ranges: ranges.map((subnet) => [{ subnet }]),
          },
          dns: { nameservers: ['192.0.2.53'] },
        },
      ],
    };
    const attachment = {
      containerId: name,
      netns: `/run/netns/${name}`,
      ifName,
      path: '/usr/lib/cni',
      cacheDir: path.join(folder, 'cache'),
    };
    const result = await addNetworkList(list, attachment);
    undo.push(() => delNetworkList(list, attachment));
    return result;
  };
  const result = await add('eth0', subnets);
  for (const [index, ranges] of more.entries()) await add(`eth${index + 1}`, ranges);
  await settled(name);
  return {
    name,
    nsPath: `/run/netns/${name}`,
    result,
    hostBridge: bridges[0] ?? '',
    async [Symbol.asyncDispose]() {
      for (const step of undo.reverse()) await step();
      for (const bridge of bridges) ip('link', 'del', bridge);
      namespaces.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface AddressRow {
  ifname: string;
  flags: string[];
  operstate: string;
  link_type: string;
  addr_info: { tentative?: boolean; scope: string; family: string; local: string }[];
}

/**
 * Waits until the kernel has done what it does by itself after links come up: carriers are noticed, link-local
 * addresses of IPv6 are made and checked for duplicates, and the routes to them are there.
 */
export async function settled(namespace: string): Promise<void> {
  await retryUntil(
    () => {
      const local = run('ip', ['-n', namespace, '-6', 'route', 'show', 'table', 'local']);
      return ipJson<AddressRow>('addr', namespace).every(({ flags, operstate, link_type, addr_info }) => {
        const ipv6 = addr_info.filter(({ family }) => family === 'inet6');
        if (ipv6.some((address) => address.tentative || !local.includes(`local ${address.local} `))) return false;
        if (link_type !== 'ether' || !flags.includes('UP') || flags.includes('NO-CARRIER')) return true;
        return operstate === 'UP' && ipv6.some(({ scope }) => scope === 'link');
      });
    },
    20_000,
    50,
  );
}

/** Everything that a setup could have changed in a namespace, as other people's tools show it. */
export function dump(namespace: string): Record<string, unknown> {
  const sorted = (rows: readonly object[]): string[] => rows.map((row) => JSON.stringify(row)).sort();
  const ruleset = execFileSync('ip', ['netns', 'exec', namespace, 'nft', 'list', 'ruleset'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
  return {
    links: ipJson('link', namespace),
    addresses: ipJson('addr', namespace),
    routes4: sorted(ipJson('-4 route show table all', namespace)),
    routes6: sorted(ipJson('-6 route show table all', namespace)),
    rules4: ipJson('-4 rule', namespace),
    rules6: ipJson('-6 rule', namespace),
    neighbours: sorted(ipJson('neigh show nud permanent', namespace)),
    ruleset,
  };
}

/** Waits until a namespace is as it was, and shows the difference if it never is. */
export async function expectDump(namespace: string, before: Record<string, unknown>): Promise<void> {
  await retryUntil(() => JSON.stringify(dump(namespace)) === JSON.stringify(before), 20_000, 50).catch(() => {});
  expect(dump(namespace)).toEqual(before);
}
