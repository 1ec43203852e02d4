import { InvalidOptionError } from 'netns-core';
import { propertiesOf } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { hardwareAddress, named, u8, u16, u16be } from '../../message/fields.js';
import { NamedNumbers } from '../../message/named-numbers.js';
import { ETH_P_8021AD, ETH_P_8021Q } from '../../uapi/if-vlan.js';
import {
  TC_GEN_SIZE,
  TCA_VLAN_ACT_MODIFY,
  TCA_VLAN_ACT_POP,
  TCA_VLAN_ACT_POP_ETH,
  TCA_VLAN_ACT_PUSH,
  TCA_VLAN_ACT_PUSH_ETH,
  TCA_VLAN_PAD,
  TCA_VLAN_PARMS,
  TCA_VLAN_PUSH_ETH_DST,
  TCA_VLAN_PUSH_ETH_SRC,
  TCA_VLAN_PUSH_VLAN_ID,
  TCA_VLAN_PUSH_VLAN_PRIORITY,
  TCA_VLAN_PUSH_VLAN_PROTOCOL,
  TCA_VLAN_TM,
} from '../../uapi/tc-act.js';
import { type ActionKind, structuredKind } from './kind.js';

/** Changes the VLAN tags of a packet, or its Ethernet header; tc-vlan(8). Its control is `'pipe'` if it is left out. */
export interface VlanActionAttributes {
  /**
   * `'push'` adds a tag, `'pop'` removes the outermost one, `'modify'` changes it. `'push_eth'` adds an Ethernet header,
   * `'pop_eth'` removes it. Linux 5.10 for these two.
   */
  readonly mode: 'push' | 'pop' | 'modify' | 'push_eth' | 'pop_eth';
  /** The VLAN, 0 to 4094; needed by `'push'` and `'modify'`. */
  readonly id?: number;
  /** The protocol of the tag; `'802.1q'` if left out. */
  readonly protocol?: '802.1q' | '802.1ad' | number;
  /** The priority in the tag, 0 to 7. Without it `'push'` writes 0 and `'modify'` keeps what is there. */
  readonly priority?: number;
  /** The addresses of the Ethernet header, needed by `'push_eth'`. */
  readonly dstMac?: string;
  readonly srcMac?: string;
}

const modes = new NamedNumbers<VlanActionAttributes['mode']>('mode', {
  push: TCA_VLAN_ACT_PUSH,
  pop: TCA_VLAN_ACT_POP,
  modify: TCA_VLAN_ACT_MODIFY,
  push_eth: TCA_VLAN_ACT_PUSH_ETH,
  pop_eth: TCA_VLAN_ACT_POP_ETH,
});

const TAG = ['id', 'protocol', 'priority'] as const;
const HEADER = ['dstMac', 'srcMac'] as const;

export const vlan: ActionKind<VlanActionAttributes> = structuredKind<VlanActionAttributes>({
  kernelName: 'vlan',
  parms: TCA_VLAN_PARMS,
  size: TC_GEN_SIZE + 4,
  tm: TCA_VLAN_TM,
  pad: TCA_VLAN_PAD,
  fields: {
    id: u16(TCA_VLAN_PUSH_VLAN_ID, 0, 4094),
    protocol: named(u16be(TCA_VLAN_PUSH_VLAN_PROTOCOL), { '802.1q': ETH_P_8021Q, '802.1ad': ETH_P_8021AD }),
    priority: u8(TCA_VLAN_PUSH_VLAN_PRIORITY, 0, 7),
    dstMac: hardwareAddress(TCA_VLAN_PUSH_ETH_DST),
    srcMac: hardwareAddress(TCA_VLAN_PUSH_ETH_SRC),
  },
  properties: propertiesOf<VlanActionAttributes>(
    { mode: 'set', id: 'set', protocol: 'set', priority: 'set', dstMac: 'set', srcMac: 'set' },
    { vlan_id: 'id', vlanid: 'id', dst_mac: 'dstMac', src_mac: 'srcMac' },
  ),
  defaultControl: 'pipe',
  check(action) {
    const { mode } = action;
    modes.number(mode as VlanActionAttributes['mode']);
    const tagged = mode === 'push' || mode === 'modify';
    for (const name of TAG)
      if (action[name] !== undefined && !tagged)
        throw new InvalidOptionError(name, `${name} is for the modes push and modify: ${mode} has none`);
    for (const name of HEADER)
      if ((action[name] !== undefined) !== (mode === 'push_eth'))
        throw new InvalidOptionError(
          name,
          mode === 'push_eth' ? `push_eth needs \`${name}\`` : `${name} is for the mode push_eth: ${mode} has none`,
        );
    if (tagged && action.id === undefined) throw new InvalidOptionError('id', `${mode} needs the \`id\` of the VLAN`);
  },
  fill: (view, at, { mode = 'pop' }) => view.setInt32(at, modes.number(mode), LITTLE_ENDIAN),
  take(parms, action) {
    action.mode = modes.name(parms.u32At(TC_GEN_SIZE)) as VlanActionAttributes['mode'];
  },
});
