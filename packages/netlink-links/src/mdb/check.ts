import { InvalidOptionError } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import { checkArray, checkProperties, mustBe, propertiesOf } from '../message/checks.js';
import { isEthernetAddress, parseHardwareAddress } from '../message/hardware-address.js';
import { formatIp, parseIpAddress } from '../message/ip-address.js';
import { checkUnknown } from '../message/unknown-attribute.js';
import { checkLinkReference, describeLink } from '../operation/link-reference.js';
import { routeProtocols } from '../route/numbers.js';
import { MCAST_EXCLUDE } from '../uapi/if-bridge.js';
import { RTPROT_STATIC } from '../uapi/route.js';
import type { MdbEntry } from './mdb-entry.js';
import { mdbFilterModes, mdbStates } from './numbers.js';
import type { MdbSpec } from './spec.js';

const PROPERTIES = propertiesOf<MdbSpec, MdbEntry>(
  {
    bridge: 'set',
    ifindex: 'set',
    port: 'set',
    portIndex: 'set',
    group: 'set',
    source: 'set',
    vid: 'set',
    state: 'set',
    filterMode: 'set',
    sources: 'set',
    protocol: 'set',
    dst: 'set',
    dstPort: 'set',
    vni: 'set',
    sourceVni: 'set',
    viaIndex: 'set',
    unknown: 'set',
    flags: 'told',
    timer: 'told',
  },
  {
    dev: 'bridge',
    link: 'bridge',
    grp: 'group',
    address: 'group',
    src: 'source',
    vlan: 'vid',
    filter_mode: 'filterMode',
    source_list: 'sources',
    proto: 'protocol',
    dst_port: 'dstPort',
    src_vni: 'sourceVni',
    via: 'viaIndex',
  },
);

/** A group whose values were checked; what is missing here is as it is in the spec. */
export interface CheckedMdbEntry {
  readonly spec: MdbSpec;
  readonly bridge: string | number;
  readonly port: string | number;
  readonly group: Uint8Array;
  readonly source: Uint8Array | undefined;
  readonly sources: readonly Uint8Array[];
  readonly dst: Uint8Array | undefined;
  readonly state: number;
  /** Absent for what the kernel takes if nothing is said, which older ones refuse to be told, and for one sender. */
  readonly filterMode: number | undefined;
  readonly protocol: number | undefined;
  readonly description: string;
  readonly target: string;
}

/** The bytes of a multicast address; of one of the link layer, six. @throws InvalidOptionError */
export function parseGroup(group: string): Uint8Array {
  if (typeof group === 'string' && isEthernetAddress(group)) {
    const bytes = parseHardwareAddress(group, undefined, 'group');
    if (((bytes[0] ?? 0) & 1) === 0) throw notMulticast(group);
    return bytes;
  }
  const bytes = parseIpAddress(group, 'group');
  const [first = 0] = bytes;
  if (bytes.length === 4 ? (first & 0xf0) !== 0xe0 : first !== 0xff) throw notMulticast(group);
  return bytes;
}

function notMulticast(group: string): InvalidOptionError {
  return mustBe('group', "a multicast address, such as '233.252.0.1', 'ff0e::1' or '01:00:5e:00:00:01'", group);
}

/** An address of a sender: of the family of the group. */
function parseSource(property: string, source: string, group: Uint8Array): Uint8Array {
  if (group.length === 6)
    throw new InvalidOptionError(property, `${property} is of groups of IP, not of those of the link layer`);
  const bytes = parseIpAddress(source, property);
  if (bytes.length !== group.length)
    throw mustBe(property, `an ${group.length === 4 ? 'IPv4' : 'IPv6'} address, as the group is one`, source);
  return bytes;
}

/** Checks a group before anything is sent. @throws InvalidOptionError */
export function checkMdbEntry(callee: string, spec: MdbSpec): CheckedMdbEntry {
  checkProperties(spec, callee, PROPERTIES);
  const { group: text, filterMode, protocol } = spec;
  const reference = spec.bridge ?? spec.ifindex;
  if (reference === undefined)
    throw new InvalidOptionError('bridge', 'a group needs the bridge that has it: `bridge` or `ifindex`');
  const bridge = checkLinkReference(reference, spec.bridge === undefined ? 'ifindex' : 'bridge');
  const givenPort = spec.port ?? spec.portIndex;
  const port =
    givenPort === undefined ? bridge : checkLinkReference(givenPort, spec.port === undefined ? 'portIndex' : 'port');
  const group = parseGroup(text);
  const source = spec.source === undefined ? undefined : parseSource('source', spec.source, group);
  checkArray('sources', spec.sources, 'IP addresses');
  const sources = (spec.sources ?? []).map((each, index) => parseSource(`sources[${index}]`, each, group));
  if (sources.length > 0 && filterMode === undefined)
    throw new InvalidOptionError('sources', "sources needs `filterMode`, 'include' or 'exclude'");
  checkInteger('vid', spec.vid, 1, 4094);
  checkInteger('dstPort', spec.dstPort, 0, 0xffff);
  checkInteger('vni', spec.vni, 0, 0xffffff);
  checkInteger('sourceVni', spec.sourceVni, 0, 0xffffff);
  checkInteger('viaIndex', spec.viaIndex, 1, 0x7fffffff);
  checkUnknown(spec.unknown);
  if (spec.unknown !== undefined && spec.unknown.length > 0)
    throw new InvalidOptionError(
      'unknown',
      'unknown cannot be given back: the kernel numbers the attributes of a group that it tells and that it takes differently',
    );
  const mode = filterMode === undefined ? undefined : mdbFilterModes.number(filterMode);
  const number = protocol === undefined ? undefined : routeProtocols.number(protocol);
  const target = group.length === 6 ? text : formatIp(group);
  return {
    spec,
    bridge,
    port,
    group,
    source,
    sources,
    dst: spec.dst === undefined ? undefined : parseIpAddress(spec.dst, 'dst'),
    state: mdbStates.number(spec.state ?? 'temporary'),
    filterMode: sources.length === 0 && (source !== undefined || mode === MCAST_EXCLUDE) ? undefined : mode,
    protocol: number === RTPROT_STATIC ? undefined : number,
    description: `group ${target} on ${describeLink(givenPort ?? reference)}`,
    target,
  };
}
