import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { NetnsError } from 'netns-core';
import { readDevice } from '../../../packages/netlink-links/src/devlink/devices.ts';
import { readEswitch } from '../../../packages/netlink-links/src/devlink/eswitch.ts';
import { readInfo } from '../../../packages/netlink-links/src/devlink/info.ts';
import { readPort } from '../../../packages/netlink-links/src/devlink/ports.ts';
import { namedStats, readGroups } from '../../../packages/netlink-links/src/ethtool/stats.ts';
import type { FilterSpec } from '../../../packages/netlink-links/src/filter/filter.ts';
import { readFilter } from '../../../packages/netlink-links/src/filter/read.ts';
import { genericDecoder } from '../../../packages/netlink-links/src/generic/message.ts';
import type { LinkSpec } from '../../../packages/netlink-links/src/link/link.ts';
import { AttributeReader } from '../../../packages/netlink-links/src/message/attribute-reader.ts';
import { MessageBytes } from '../../../packages/netlink-links/src/message/message-bytes.ts';
import * as operations from '../../../packages/netlink-links/src/netlink/operations.ts';
import { Operation } from '../../../packages/netlink-links/src/operation/operation.ts';
import { dump, type Request } from '../../../packages/netlink-links/src/operation/request.ts';
import type { QdiscSpec } from '../../../packages/netlink-links/src/qdisc/spec.ts';
import { distribute, PendingAnswer } from '../../../packages/netlink-links/src/socket/answers.ts';
import { LOCAL_FAMILIES } from '../../../packages/netlink-links/src/sockets/families/index.ts';
import { socketDumps } from '../../../packages/netlink-links/src/sockets/list.ts';
import type { SocketFamily } from '../../../packages/netlink-links/src/sockets/socket-info.ts';
import { readNotification } from '../../../packages/netlink-links/src/subscription/ethtool-subscribe.ts';
import type { Random } from '../random.ts';
import { asText, mustAgree, shapeOf, type Target, Violation } from '../target.ts';

// An input is a letter that names the reader, and one datagram of the kernel's.

/** The sockets of a family, of TCP where it is one of the Internet, with all that can be told of them. */
function socketsOf(family: SocketFamily): Operation<unknown> {
  const internet = family === 'ipv4' || family === 'ipv6';
  const details = internet
    ? (['memory', 'tcp', 'congestion', 'tos', 'mark', 'shutdown', 'cgroup', 'ulp'] as const)
    : LOCAL_FAMILIES[family].details;
  const [dump] = socketDumps({ family, details, ...(internet && { protocol: 'tcp' }) });
  if (dump === undefined) throw new Error('a dump was expected');
  return dump;
}

/** Messages of a family of generic netlink as they are, taken apart by number. */
function controllerMessages(): Operation<unknown> {
  const message = operations.genericFamilyList().single?.message;
  if (message === undefined) throw new Error('a request was expected');
  const read = genericDecoder(0);
  return new Operation(
    { name: 'genericRequest', description: 'list families', target: 'nlctrl' },
    dump(
      message,
      (bytes, start, end, type) => {
        const attributes = read(bytes, start, end, type)?.attributes;
        return attributes === undefined ? undefined : [...attributes];
      },
      'generic',
    ),
  );
}

/** Messages of generic netlink, read as those of families that this kernel lacks, or tells nothing of. */
function ofFamilies(): Operation<unknown> {
  const message = operations.genericFamilyList().single?.message;
  if (message === undefined) throw new Error('a request was expected');
  const names = { features: ['a', 'b'], linkModes: [] };
  return new Operation(
    { name: 'ethtoolSubscribe', description: 'list families', target: 'nlctrl' },
    dump(
      message,
      (bytes, start, end, type) => {
        const read = <T>(reader: (attributes: AttributeReader) => T): T =>
          reader(new AttributeReader(bytes, start + 4, end));
        return [
          readNotification(bytes, start, end, type, names),
          [readDevice, readPort, readInfo, readEswitch].map((reader: (attributes: AttributeReader) => unknown) =>
            read(reader),
          ),
          read(readGroups).map((group) => namedStats(group, names.features)),
        ];
      },
      'generic',
    ),
  );
}

/** Statistics of links, which the operation joins where they come in several messages. */
function statistics(): Operation<unknown> {
  const operation = operations.linkStatsList();
  const { value } = operation.start().next();
  if (value === undefined || !('answer' in value)) throw new Error('a request was expected');
  return new Operation(operation, value as Request<unknown>);
}

/** Filters as they are told, with their actions. */
function filters(): Operation<unknown> {
  const message = operations.filterDel({ ifindex: 1 }).single?.message;
  if (message === undefined) throw new Error('a request was expected');
  return new Operation(
    { name: 'filterList', description: 'list filters', target: 'filters' },
    dump(message, readFilter),
  );
}

const INSTRUCTION = { code: 6, jt: 0, jf: 0, k: 1 };
/** A filter of each kind, and an action of each kind: the kernel that makes the captures has few of them. */
const FILTERS: readonly FilterSpec[] = [
  { kind: 'basic', ifindex: 1, handle: 1, ematch: Uint8Array.of(8, 0, 1, 0, 1, 0, 0, 0) },
  { kind: 'bpf', ifindex: 1, handle: 1, bytecode: [INSTRUCTION], name: 'x', directAction: true },
  {
    kind: 'flower',
    ifindex: 1,
    handle: 1,
    protocol: 'ip',
    ipProtocol: 'tcp',
    dst: '192.0.2.0/24',
    destinationPort: [1, 9],
    srcMac: '02:00:00:00:00:00/ff:ff:00:00:00:00',
    tunnel: { id: 7, dst: '2001:db8::/32', ttl: 3, options: { erspan: { version: 1, index: 5 } } },
    ct: { state: { new: true, tracked: false }, mark: { value: 1, mask: 3 }, label: '01'.repeat(16) },
    actions: [
      { kind: 'gact', random: { mode: 'determ', control: 'drop', value: 5 } },
      { kind: 'vlan', mode: 'push', id: 7, priority: 3 },
      { kind: 'pedit', keys: [{ header: 'ip', command: 'add', offset: 8, value: 5, mask: 0xff }] },
      { kind: 'csum', of: ['ip4h', 'tcp'] },
      { kind: 'nat', direction: 'egress', from: '192.0.2.0/24', to: '198.51.100.0' },
    ],
  },
  {
    kind: 'flower',
    ifindex: 1,
    handle: 1,
    protocol: 'arp',
    arp: { operation: 'reply', senderIp: '192.0.2.0/24', senderMac: '02:00:00:00:00:01' },
    actions: [
      {
        kind: 'tunnel_key',
        mode: 'set',
        id: 7,
        src: '192.0.2.1',
        dst: '192.0.2.2',
        options: { geneve: [{ class: 1, type: 2, data: new Uint8Array(4) }] },
      },
      { kind: 'connmark', zone: 5 },
      { kind: 'sample', rate: 5, group: 1, truncate: 64 },
      { kind: 'bpf', bytecode: [INSTRUCTION] },
      { kind: 'simple', text: 'x' },
    ],
  },
  {
    kind: 'flower',
    ifindex: 1,
    handle: 1,
    protocol: 'mpls',
    mpls: { label: 100, tc: 3, bos: true, ttl: 9 },
    actions: [
      { kind: 'mpls', mode: 'push', label: 100, ttl: 9 },
      { kind: 'skbmod', dstMac: '02:00:00:00:00:01', swapMac: true },
      { kind: 'ct', commit: true, zone: 5, nat: { type: 'src', address: '192.0.2.1', port: [1, 9] } },
      { kind: 'skbedit', mark: 5, mask: 7, priority: '1:1' },
      { kind: 'ctinfo', dscpMask: 0xfc, dscpStateMask: 1, markMask: 5, zone: 7 },
      { kind: 'gate', baseTime: 5n, entries: [{ open: true, interval: 3, maxOctets: 9 }] },
      { kind: 'mirred', mode: 'mirror', ifindex: 1 },
      { kind: 'police', rate: 8000, burst: 1600, exceed: 'drop' },
    ],
  },
  { kind: 'u32', ifindex: 1, handle: '800::800', keys: [{ offset: 0, value: 1, mask: 3 }], classid: '1:1' },
];

/** Links and queueing disciplines of kinds that the kernel that makes the captures lacks. */
const LINKS: readonly LinkSpec[] = [
  { type: 'hsr', name: 'x', ports: [1, 2], supervision: 3, proto: 'prp' },
  { type: 'bareudp', name: 'x', port: 6635, etherType: 'mpls', sourcePortMin: 5, multiproto: true },
  { type: 'gtp', name: 'x', role: 'sgsn', hashSize: 5, restartCount: 6 },
  { type: 'ipoib', name: 'x', parent: 1, pkey: 0x8001, mode: 'connected', umcast: true },
  { type: 'amt', name: 'x', mode: 'relay', localAddress: '192.0.2.1', underlayIndex: 1, relayPort: 5 },
  { type: 'rmnet', name: 'x', parent: 1, muxId: 5, ingressDeaggregation: true },
  { type: 'can', name: 'x', bitrate: 500_000, samplePoint: 87.5, dataTimeQuantum: 25, fd: true, tdc: { offset: 2 } },
];
const QUEUES = [
  { count: 1, offset: 0 },
  { count: 3, offset: 1 },
];
const QDISCS: readonly QdiscSpec[] = [
  { kind: 'cbs', ifindex: 1, hiCredit: 30, loCredit: -5, idleSlope: 1000, sendSlope: -2000 },
  { kind: 'etf', ifindex: 1, delta: 1, deadlineMode: true },
  { kind: 'skbprio', ifindex: 1, limit: 5 },
  { kind: 'mqprio', ifindex: 1, priomap: [0, 1], queues: QUEUES, mode: 'channel', minRates: [8], maxRates: [16] },
  {
    kind: 'taprio',
    ifindex: 1,
    priomap: [0, 1],
    queues: QUEUES,
    entries: [{ gates: 1, interval: 5, command: 'hold' }],
    clockid: 'tai',
    baseTime: 5n,
    cycleTime: 5,
    flags: ['txtime-assist'],
    txtimeDelay: 1,
    classes: [{ index: 1, maxSdu: 300 }],
  },
];

/** What is asked of the kernel, and with that who reads its answer. */
export const READERS: Readonly<Record<string, () => Operation<unknown>>> = {
  l: () => operations.linkList(),
  a: () => operations.addrList(),
  r: () => operations.routeList({ family: 'ipv4', table: 'all' }),
  R: () => operations.routeList({ family: 'ipv6', table: 'all' }),
  n: () => operations.neighList(),
  u: () => operations.ruleList(),
  q: () => operations.qdiscList(),
  C: () => operations.netconfList(),
  i: () => operations.linkByIndex(1),
  g: () => operations.routeGet('192.0.2.1'),
  d: () => operations.linkSetMTU(1, 1500),
  f: () => operations.genericFamilyList(),
  m: () => controllerMessages(),
  e: () => ofFamilies(),
  s: () => socketsOf('ipv4'),
  S: () => socketsOf('ipv6'),
  x: () => socketsOf('unix'),
  k: () => socketsOf('netlink'),
  p: () => socketsOf('packet'),
  v: () => socketsOf('vsock'),
  X: () => socketsOf('xdp'),
  c: () => statistics(),
  t: () => operations.neighTableList(),
  M: () => operations.mplsRouteList(),
  F: () => filters(),
};

/** What writes an object that was read, as far as its fields can be written. */
const WRITERS: Readonly<Record<string, (object: never) => Operation<unknown>>> = {
  a: (object) => operations.addrReplace((object as { ifindex: number }).ifindex, object),
  r: (object) => operations.routeReplace(object),
  R: (object) => operations.routeReplace(object),
  n: (object) => operations.neighSet(object),
  u: (object) => operations.ruleAdd(object),
  M: (object) => operations.mplsRouteReplace(object),
  F: (object) => operations.filterReplace(object),
};

const PORT = 77;
const SEQUENCE = 1;
const FAILURES = /^ERR_NETLINK_(MALFORMED|OVERRUN|NO_ANSWER)$/;

const requests = new Map<string, Request<unknown>>();
for (const [letter, make] of Object.entries(READERS)) {
  const request = make().single;
  if (request !== undefined) requests.set(letter, request);
}

/** What is understood of a datagram, with memory behind it that holds `filler`. */
function understood(request: Request<unknown>, datagram: Uint8Array, filler: number): PendingAnswer {
  const answer = new PendingAnswer(request);
  const bytes = new MessageBytes(datagram.length + 64);
  bytes.u8.fill(filler);
  bytes.u8.set(datagram);
  distribute(bytes, datagram.length, PORT, SEQUENCE, [answer]);
  return answer;
}

/** A datagram whose messages answer our request: they are all numbered alike. */
function addressed(datagram: Uint8Array): Uint8Array {
  const copy = datagram.slice();
  const view = new DataView(copy.buffer);
  for (let at = 0; at + 16 <= copy.length; ) {
    const size = view.getUint32(at, true);
    if (size < 16) break;
    view.setUint32(at + 8, SEQUENCE, true);
    view.setUint32(at + 12, PORT, true);
    at += Math.max(0, (size + 3) & ~3) || copy.length;
  }
  return copy;
}

/** Offsets of the headers of messages and attributes, as far as they are well-formed. */
function headersIn(datagram: Uint8Array): number[] {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const found: number[] = [];
  const attributes = (from: number, to: number, depth: number): void => {
    for (let at = from; at + 4 <= to && found.length < 2000; ) {
      const size = view.getUint16(at, true);
      if (size < 4 || at + size > to) return;
      found.push(at);
      if (depth < 3) attributes(at + 4, at + size, depth + 1);
      at += (size + 3) & ~3;
    }
  };
  for (let at = 0; at + 16 <= datagram.length; ) {
    const size = view.getUint32(at, true);
    if (size < 16) break;
    found.push(at);
    for (const header of [4, 8, 12, 16, 20]) attributes(at + 16 + header, Math.min(at + size, datagram.length), 0);
    at += Math.max(0, (size + 3) & ~3) || datagram.length;
  }
  return found;
}

/** Reads the message that an operation would send as if the kernel had sent it. */
function readBack(letter: string, operation: Operation<unknown>, request: Request<unknown>): unknown {
  const message = operation.single?.message;
  if (message === undefined) return undefined;
  const { collected } = understood(request, addressed(message), 0);
  if (collected.length === 0) throw new Violation(`what ${operation.name} writes is not read ('${letter}')`);
  return collected[0];
}

/** Reading what was written, and writing and reading that, must not change it any more. */
function checkWriter(letter: string, object: unknown, request: Request<unknown>): string {
  const write = WRITERS[letter];
  if (write === undefined) return '';
  let second: unknown;
  let operation: Operation<unknown>;
  try {
    operation = write(object as never);
    second = readBack(letter, operation, request);
    if (second === undefined) return 'w?';
    operation = write(second as never);
  } catch (error) {
    // What the kernel may say and a user may not write is refused in words.
    if (error instanceof NetnsError) return `w${error.code}`;
    throw error;
  }
  mustAgree(`${operation.name}: read, written and read again`, readBack(letter, operation, request), second);
  return 'w';
}

export const netlink: Target = {
  name: 'netlink',
  dictionary: [],
  seeds: () => {
    const folder = process.env.FUZZ_CAPTURES ?? '';
    const captured = readdirSync(folder).map((file) => new Uint8Array(readFileSync(path.join(folder, file))));
    const written = (letter: string, made: readonly Operation<unknown>[]): Uint8Array[] =>
      made.map(({ single }) => Uint8Array.of(letter.charCodeAt(0), ...(single?.message ?? [])));
    return [
      ...captured,
      ...written('F', FILTERS.map(operations.filterAdd)),
      ...written('l', LINKS.map(operations.linkAdd)),
      ...written('q', QDISCS.map(operations.qdiscAdd)),
    ];
  },
  mutate(input: Uint8Array, random: Random) {
    const copy = input.slice();
    const datagram = copy.subarray(1);
    const headers = headersIn(datagram);
    if (headers.length === 0) return undefined;
    const view = new DataView(copy.buffer, 1);
    for (let change = 1 + random.below(3); change > 0; change -= 1) {
      const at = random.pick(headers);
      if (at + 4 > datagram.length) continue;
      const size = view.getUint16(at, true);
      switch (random.below(5)) {
        case 0:
          view.setUint16(at, random.pick([0, 3, 4, 5, size - 1, size + 1, size - 4, size + 4, 0xffff]) & 0xffff, true);
          break;
        case 1:
          view.setUint16(at + 2, random.once(2) ? random.below(70) : view.getUint16(at + 2, true) ^ 0x8000, true);
          break;
        case 2: {
          // Another attribute in its place.
          const from = random.pick(headers);
          datagram.copyWithin(at, from, Math.min(from + random.below(64), datagram.length));
          break;
        }
        default: {
          const value = at + 4 + random.below(Math.max(size - 4, 1));
          if (value < datagram.length)
            datagram[value] = random.once(2) ? random.pick([0, 1, 2, 0x7f, 0xff]) : random.below(256);
        }
      }
    }
    return random.once(8) ? copy.subarray(0, 1 + random.below(datagram.length)) : copy;
  },
  run(input) {
    const letters = [...requests.keys()];
    const first = String.fromCharCode(input[0] ?? 0);
    const letter = requests.has(first) ? first : (letters[(input[0] ?? 0) % letters.length] ?? 'l');
    const request = requests.get(letter);
    if (request === undefined) return '';
    const datagram = addressed(input.subarray(1));
    const { outcome, collected } = understood(request, datagram, 0xee);
    // Memory behind a message is not read: with other bytes there the result is the same.
    const other = understood(request, datagram, 0x11);
    mustAgree('the same datagram before other memory', [outcome, collected], [other.outcome, other.collected]);
    if (outcome?.status === 'failed' && !FAILURES.test(outcome.code)) throw new Violation(asText(outcome));
    const written = collected.length === 0 ? '' : checkWriter(letter, collected[0], request);
    return `${letter}${outcome?.status ?? ''}${shapeOf(collected[0], 2)}${written}`;
  },
};
