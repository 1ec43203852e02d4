import {
  Do,
  LAAddAddr,
  LANewBridge,
  LANewVeth,
  LASetMaster,
  LASetUp,
  LPName,
  NAExec,
  NAGeneric,
  NALinks,
  NANewNs,
  NPName,
  NPNow,
  NsDo,
} from 'neslink';
import { resolveNamespace } from 'netns-core';
import { describe, expect, it } from 'vitest';
import { ip, ipJson, makeNamespaces, namespaceOfThreads, openFds, run, uniqueName, untilNothingLeaks } from '#testkit';

describe('many namespaces', () => {
  it('see nothing of each other while each of many calls awaits this and that', async () => {
    const names = Array.from({ length: 20 }, () => uniqueName('k'));
    using _ = makeNamespaces(...names);
    const outcomes = await Promise.all(
      names.map(async (name, index) => {
        const [, process, links] = await Do(
          NPName(name),
          NAGeneric('wait', () => new Promise((resolve) => setTimeout(resolve, (index * 7) % 31))),
          NAExec('ip', ['-o', 'link', 'add', `d${index}`, 'type', 'bridge']),
          NAGeneric('wait and look', async ({ netlink }) => {
            await new Promise((resolve) => setTimeout(resolve, 100));
            return netlink.linkList();
          }),
        );
        expect((await process.result()).exitCode).toBe(0);
        return [name, links.map((link) => link.name).sort()] as const;
      }),
    );
    for (const [index, [name]] of outcomes.entries())
      expect(ip('-n', name, '-o', 'link', 'show')).toContain(`d${index}:`);
  });

  it('a thousand, are built by a thousand calls at once, each in its own, while some fail', {
    timeout: 120_000,
  }, async () => {
    const prefix = `${uniqueName('k')}x`;
    const count = 1000;
    const ipv4 = (index: number): string => `198.51.${100 + (index >> 8)}.${index & 255}`;
    resolveNamespace('').close();
    const before = openFds();
    const home = namespaceOfThreads().get(process.pid);
    // They go with the sandbox: the kernel needs seconds to take them down, in which no other test gets a namespace.
    const outcomes = await Promise.all(
      Array.from({ length: count }, (_, index) =>
        NsDo(
          NPNow(),
          NANewNs(`${prefix}${index}`),
          LANewBridge(`br${index}`),
          LANewVeth('v0', 'v1'),
          LASetMaster(LPName('v0'), LPName(`br${index}`)),
          LAAddAddr(LPName(`br${index}`), `${ipv4(index)}/32`),
          // Every tenth asks for what cannot be.
          LASetUp(LPName(index % 10 === 0 ? 'missing0' : `br${index}`)),
          NALinks(),
        ),
      ),
    );
    expect(outcomes.filter(({ ok }) => !ok)).toEqual([]);
    for (const [index, { err, results }] of outcomes.entries())
      if (index % 10 === 0) {
        expect(err).toMatchObject({ position: 6, action: 'LASetUp' });
      } else {
        expect(err).toBeUndefined();
        expect(results[6].map(({ name }) => name).sort()).toEqual([`br${index}`, 'lo', 'v0', 'v1']);
      }
    // One look at each with `ip`, all in one process.
    const batch = Array.from({ length: count }, (_, index) => `netns exec ${prefix}${index} ip -o -4 addr show`).join(
      '\n',
    );
    const lines = run('ip', ['-batch', '-'], { input: batch, maxBuffer: 2 ** 26 })
      .trim()
      .split('\n');
    expect(lines).toHaveLength(count);
    const seen = new Map(
      lines.map((line) => /^\d+: (br\d+)\s+inet (\S+)\/32/.exec(line)?.slice(1) as [string, string]),
    );
    for (let index = 0; index < count; index += 1) expect(seen.get(`br${index}`)).toBe(ipv4(index));
    for (const index of [1, 499, 999]) {
      const links = ipJson<{ ifname: string; flags: string[]; master?: string }>('link show', `${prefix}${index}`);
      expect(links.find(({ ifname }) => ifname === `br${index}`)?.flags).toContain('UP');
      expect(links.find(({ ifname }) => ifname === 'v0')?.master).toBe(`br${index}`);
    }
    expect(ipJson<{ ifname: string }>('link show').filter(({ ifname }) => /^(br|v)\d/.test(ifname))).toEqual([]);
    await untilNothingLeaks(before);
    expect(new Set(namespaceOfThreads().values())).toEqual(new Set([home]));
  });
});
