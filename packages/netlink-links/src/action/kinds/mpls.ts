import { InvalidOptionError } from 'netns-core';
import { propertiesOf } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { bool, named, u8, u16be, u32 } from '../../message/fields.js';
import { NamedNumbers } from '../../message/named-numbers.js';
import {
  TC_GEN_SIZE,
  TCA_MPLS_ACT_DEC_TTL,
  TCA_MPLS_ACT_MAC_PUSH,
  TCA_MPLS_ACT_MODIFY,
  TCA_MPLS_ACT_POP,
  TCA_MPLS_ACT_PUSH,
  TCA_MPLS_BOS,
  TCA_MPLS_LABEL,
  TCA_MPLS_PAD,
  TCA_MPLS_PARMS,
  TCA_MPLS_PROTO,
  TCA_MPLS_TC,
  TCA_MPLS_TM,
  TCA_MPLS_TTL,
} from '../../uapi/tc-act.js';
import { type ActionKind, structuredKind } from './kind.js';

/** Changes the MPLS labels of a packet; tc-mpls(8). Its control is `'pipe'` if it is left out. */
export interface MplsActionAttributes {
  /**
   * `'push'` adds a label before the IP header, `'mac_push'` before the Ethernet header; `'pop'` removes the outermost one,
   * `'modify'` changes it, `'dec_ttl'` decrements its TTL.
   */
  readonly mode: 'push' | 'pop' | 'modify' | 'dec_ttl' | 'mac_push';
  /** `'pop'` needs the protocol of what is inside; that of a label that is added is `'mpls'` if left out. */
  readonly protocol?: 'ip' | 'ipv6' | 'mpls' | number;
  /** 0 to 1048575; needed by `'push'` and `'mac_push'`. */
  readonly label?: number;
  /** The traffic class, 0 to 7. */
  readonly tc?: number;
  /** 1 to 255; that of the IP header if left out. */
  readonly ttl?: number;
  /** Whether it is the bottom of the stack; what is right for the packet if left out. */
  readonly bos?: boolean;
}

const modes = new NamedNumbers<MplsActionAttributes['mode']>('mode', {
  push: TCA_MPLS_ACT_PUSH,
  pop: TCA_MPLS_ACT_POP,
  modify: TCA_MPLS_ACT_MODIFY,
  dec_ttl: TCA_MPLS_ACT_DEC_TTL,
  mac_push: TCA_MPLS_ACT_MAC_PUSH,
});
const PROTOCOLS = { ip: 0x0800, ipv6: 0x86dd, mpls: 0x8847 } as const;
const OF_LABEL = ['label', 'tc', 'ttl', 'bos'] as const;

const kind: ActionKind<MplsActionAttributes> = structuredKind<MplsActionAttributes>({
  kernelName: 'mpls',
  parms: TCA_MPLS_PARMS,
  size: TC_GEN_SIZE + 4,
  tm: TCA_MPLS_TM,
  pad: TCA_MPLS_PAD,
  fields: {
    label: u32(TCA_MPLS_LABEL, 0, 0xfffff),
    protocol: named(u16be(TCA_MPLS_PROTO), PROTOCOLS),
    tc: u8(TCA_MPLS_TC, 0, 7),
    ttl: u8(TCA_MPLS_TTL, 1),
    bos: bool(TCA_MPLS_BOS),
  },
  properties: propertiesOf<MplsActionAttributes>({
    mode: 'set',
    protocol: 'set',
    label: 'set',
    tc: 'set',
    ttl: 'set',
    bos: 'set',
  }),
  defaultControl: 'pipe',
  check(action) {
    const { mode, protocol, label } = action;
    modes.number(mode as MplsActionAttributes['mode']);
    const adds = mode === 'push' || mode === 'mac_push';
    for (const name of OF_LABEL)
      if (action[name] !== undefined && (mode === 'pop' || mode === 'dec_ttl'))
        throw new InvalidOptionError(name, `${name} is for the modes push, mac_push and modify: ${mode} has none`);
    if (protocol !== undefined && (mode === 'modify' || mode === 'dec_ttl'))
      throw new InvalidOptionError('protocol', `protocol is for the modes push, mac_push and pop: ${mode} has none`);
    if (mode === 'pop' && protocol === undefined)
      throw new InvalidOptionError('protocol', 'pop needs the `protocol` of what is inside');
    if (adds && label === undefined) throw new InvalidOptionError('label', `${mode} needs a \`label\``);
  },
  fill: (view, at, { mode = 'pop' }) => view.setInt32(at, modes.number(mode), LITTLE_ENDIAN),
  take(parms, action) {
    action.mode = modes.name(parms.u32At(TC_GEN_SIZE)) as MplsActionAttributes['mode'];
  },
});

export const mpls: ActionKind<MplsActionAttributes> = {
  ...kind,
  read(options, action) {
    kind.read(options, action);
    // The kernel tells one for every mode, and takes none for these.
    if (action.mode === 'modify' || action.mode === 'dec_ttl') delete action.protocol;
  },
};
