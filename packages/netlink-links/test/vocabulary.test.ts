import {
  LAAddAddr,
  LASetAlias,
  LASetMaster,
  LASetMTU,
  LASetUp,
  LinkNotFoundError,
  LPAlias,
  LPIndex,
  LPName,
  LPNewBridge,
  LPNewVeth,
  Netlink,
} from 'netlink-links';
import { describe, expect, it } from 'vitest';
import { ipJson, makeNamespaces, uniqueName } from '#testkit';

describe("NESlink's vocabulary", () => {
  it('acts on the link of a provider, or on the one that is given', async () => {
    const name = uniqueName('ns');
    using _ = makeNamespaces(name);
    using netlink = Netlink.open(name);
    const context = { netlink };
    const bridge = await LPNewBridge('br0').provide(context);
    const veth = await LPNewVeth('v0', 'v1').provide(context);
    await LASetMaster(LPName('v0'), 'br0').do(context);
    await LASetMTU(LPIndex(veth.index), 1400).do(context);
    await LASetAlias('mine').do({ netlink, link: veth });
    await LASetUp(LPAlias('mine')).do(context);
    await LAAddAddr('192.0.2.1/24').do({ netlink, link: bridge });
    const [v0] = ipJson<{ flags: string[] }>('link show v0', name);
    expect(v0).toMatchObject({ master: 'br0', mtu: 1400, ifalias: 'mine' });
    expect(v0?.flags).toContain('UP');
    expect(ipJson('addr show br0', name)[0]).toMatchObject({ addr_info: [{ local: '192.0.2.1', prefixlen: 24 }] });
  });

  it('says that a provider gives no link, and an action that has none', async () => {
    using netlink = Netlink.open();
    await expect(LASetUp(LPName('nowhere')).do({ netlink })).rejects.toThrow(LinkNotFoundError);
    await expect(LASetUp().do({ netlink })).rejects.toMatchObject({ code: 'ERR_NO_LINK' });
  });
});
