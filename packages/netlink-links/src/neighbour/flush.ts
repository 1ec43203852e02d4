import { InvalidOptionError } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import { checkArray, checkProperties, mustBe, propertiesOf } from '../message/checks.js';
import { LITTLE_ENDIAN } from '../message/endianness.js';
import { parseIpAddress } from '../message/ip-address.js';
import { type ChangeAction, changeOperation } from '../operation/change-operation.js';
import { checkLinkOf, type LinkReference, resolveLinkIndex } from '../operation/link-reference.js';
import type { Operation } from '../operation/operation.js';
import {
  AF_BRIDGE,
  NDA_DST,
  NDA_NDM_FLAGS_MASK,
  NDA_NDM_STATE_MASK,
  NDA_NH_ID,
  NDA_PORT,
  NDA_SRC_VNI,
  NDA_VLAN,
  NDA_VNI,
  NDMSG_SIZE,
  NTF_MASTER,
  NTF_SELF,
  NUD_NOARP,
  NUD_PERMANENT,
} from '../uapi/neighbour.js';
import { NLM_F_BULK } from '../uapi/netlink.js';
import { RTM_DELNEIGH } from '../uapi/rtnetlink.js';
import type { NeighbourFlag } from './neighbour.js';
import { neighbourFlagBits } from './numbers.js';

/** Which entries of a forwarding database to remove; what is left out does not matter. */
export interface NeighbourFlush {
  /** Forwarding databases alone can be emptied so. */
  family: 'bridge';
  /** The bridge or VXLAN that has the database; a port of a bridge with `'master'` in `flags`. */
  link?: LinkReference | undefined;
  ifindex?: number | undefined;
  vlan?: number | undefined;
  /** Of a VXLAN: the identifier that frames are sent with. */
  vni?: number | undefined;
  /** Of a VXLAN with many identifiers: the one that entries belong to. */
  sourceVni?: number | undefined;
  /** Of a VXLAN: the endpoint. */
  dst?: string | undefined;
  /** Of a VXLAN: the UDP port of the endpoint. */
  port?: number | undefined;
  nexthopId?: number | undefined;
  /** `'permanent'`: the link's own addresses; `'noarp'`: made by a program to stay; `'reachable'`: those that age. */
  state?: 'permanent' | 'noarp' | 'reachable' | undefined;
  /**
   * `'self'` (default) or `'master'`: whose database it is. Others that an entry must have: `'extern_learn'`, `'sticky'`,
   * `'offload'`, `'use'`.
   */
  flags?: readonly NeighbourFlag[] | undefined;
}

const PROPERTIES = propertiesOf<NeighbourFlush>(
  {
    family: 'set',
    link: 'set',
    ifindex: 'set',
    vlan: 'set',
    vni: 'set',
    sourceVni: 'set',
    dst: 'set',
    port: 'set',
    nexthopId: 'set',
    state: 'set',
    flags: 'set',
  },
  {
    dev: 'link',
    bridge: 'link',
    brport: 'link',
    vid: 'vlan',
    src_vni: 'sourceVni',
    nhid: 'nexthopId',
    self: 'flags',
    master: 'flags',
  },
);

const FLUSH: ChangeAction = {
  name: 'neighFlush',
  verb: 'flush',
  type: RTM_DELNEIGH,
  flags: NLM_F_BULK,
  removing: true,
};

/** What is looked at of the state of an entry, and what it must be. An entry that is permanent may be noarp as well. */
const STATES = {
  permanent: { mask: NUD_PERMANENT, state: NUD_PERMANENT },
  noarp: { mask: NUD_PERMANENT | NUD_NOARP, state: NUD_NOARP },
  reachable: { mask: NUD_PERMANENT | NUD_NOARP, state: 0 },
} as const;

/** What the database of a bridge has not. */
const OF_VXLAN = ['vni', 'sourceVni', 'dst', 'port', 'nexthopId'] as const;

/**
 * Removes the entries of a forwarding database that match, as `bridge fdb flush` does, with one message. Of a bridge it
 * needs Linux 5.19, of a VXLAN Linux 6.7; older kernels refuse it.
 *
 * ```ts
 * neighFlush({ family: 'bridge', link: 'eth1', flags: ['master'], state: 'reachable' });
 * ```
 *
 * @throws InvalidOptionError for what cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function neighFlush(entries: NeighbourFlush): Operation<void> {
  checkProperties(entries, 'neighFlush', PROPERTIES);
  const { family, vlan, vni, sourceVni, port, nexthopId, state } = entries;
  if (family !== 'bridge') throw mustBe('family', "'bridge': only forwarding databases can be emptied so", family);
  const { link, shown: place } = checkLinkOf('neighFlush', entries);
  checkArray('flags', entries.flags, 'flags of a neighbour');
  const bits = neighbourFlagBits(entries.flags ?? []);
  if (bits === undefined || bits > 0xff) throw mustBe('flags', 'flags of a forwarding entry', entries.flags);
  const where = bits & (NTF_SELF | NTF_MASTER) || NTF_SELF;
  if (where === (NTF_SELF | NTF_MASTER))
    throw new InvalidOptionError('flags', "flags has 'self' and 'master': one database is emptied at a time");
  if (where === NTF_MASTER)
    for (const property of OF_VXLAN)
      if (entries[property] !== undefined)
        throw new InvalidOptionError(property, `${property} is of the database of a VXLAN, not of a bridge`);
  if (state !== undefined && !(typeof state === 'string' && Object.hasOwn(STATES, state)))
    throw mustBe('state', `one of ${Object.keys(STATES).join(', ')}`, state);
  checkInteger('vlan', vlan, 1, 4094);
  checkInteger('vni', vni, 0, 0xffffff);
  checkInteger('sourceVni', sourceVni, 0, 0xffffff);
  checkInteger('port', port, 0, 0xffff);
  checkInteger('nexthopId', nexthopId, 1, 0xffffffff);
  const dst = entries.dst === undefined ? undefined : parseIpAddress(entries.dst, 'dst');
  const wanted = state === undefined ? undefined : STATES[state];
  const filter = bits & ~(NTF_SELF | NTF_MASTER);
  return changeOperation<number>(FLUSH, {
    description: `the forwarding entries of ${place}`,
    target: place,
    known: typeof link === 'number' ? link : undefined,
    resolve: (identity) => resolveLinkIndex(identity, link),
    write(writer, ifindex) {
      writer.header(NDMSG_SIZE, (view, at) => {
        view.setUint8(at, AF_BRIDGE);
        view.setInt32(at + 4, ifindex, LITTLE_ENDIAN);
        view.setUint16(at + 8, wanted?.state ?? 0, LITTLE_ENDIAN);
        view.setUint8(at + 10, where | filter);
      });
      if (vlan !== undefined) writer.u16(NDA_VLAN, vlan);
      if (vni !== undefined) writer.u32(NDA_VNI, vni);
      if (sourceVni !== undefined) writer.u32(NDA_SRC_VNI, sourceVni);
      if (dst !== undefined) writer.bytes(NDA_DST, dst);
      if (port !== undefined) writer.u16be(NDA_PORT, port);
      if (nexthopId !== undefined) writer.u32(NDA_NH_ID, nexthopId);
      if (wanted !== undefined) writer.u16(NDA_NDM_STATE_MASK, wanted.mask);
      if (filter !== 0) writer.u8(NDA_NDM_FLAGS_MASK, filter);
    },
  });
}
