import http from 'node:http';
import * as cni from 'cni-types';
import fc from 'fast-check';
import * as neslink from 'neslink';
import * as script from 'neslink/script';
import * as operations from 'netlink-links/operations';
import * as core from 'netns-core';
import * as checks from 'netns-core/checks';
import { Errno, replaceSyscalls, type Syscalls } from 'netns-core/sys';
import * as dial from 'vrf-dial';
import type { Random } from '../random.ts';
import { type Target, Violation } from '../target.ts';

// An input is the number of a function (two bytes) and the seed of its arguments (four). Every system call answers
// that the kernel does not have it, so nothing is done, whatever the arguments say.

type Call = readonly [name: string, args: fc.Arbitrary<unknown[]>, call: (...args: never[]) => unknown];

/** Anything, the strange included. */
const anything = fc.anything({
  maxDepth: 1,
  maxKeys: 3,
  size: 'xsmall',
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
});

const SAMPLES: Readonly<Record<string, unknown[]>> = {
  address: [
    '192.0.2.1',
    '192.0.2.1/24',
    '2001:db8::1',
    '2001:db8::1/64',
    'fe80::1%lo',
    '',
    '::ffff:1.2.3.4',
    '192.0.2.1/33',
    'default',
  ],
  number: [
    0,
    1,
    -1,
    1.5,
    255,
    256,
    65_535,
    65_536,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -0,
    '7',
  ],
  name: [
    'eth0',
    'lo',
    '',
    'x'.repeat(16),
    'a/b',
    '..',
    'a b',
    '\0',
    'é',
    'host.example',
    'main',
    'all',
    'ipv4',
    'ipv6',
  ],
  flag: [true, false, 'true', 0, 1],
  reference: [
    '',
    'red',
    'default',
    { name: 'red' },
    { vrf: 'red' },
    { pid: 1 },
    { path: '/x' },
    { fd: -1 },
    { name: 'red', dir: 'x' },
    {},
  ],
  none: [undefined, null, [], {}, () => {}],
};
const sample = fc.constantFrom(...Object.values(SAMPLES).flat());
const value = fc.oneof(
  { weight: 3, arbitrary: sample },
  { weight: 2, arbitrary: anything },
  { weight: 1, arbitrary: fc.array(fc.oneof(sample, anything), { maxLength: 3 }) },
);

/** Options some of whose names are right, and some of whose values. */
function options(names: readonly string[], fixed: Readonly<Record<string, unknown>> = {}): fc.Arbitrary<unknown> {
  const known = fc.dictionary(
    fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: fc.string() }),
    value,
    { maxKeys: 5 },
  );
  return fc.oneof(
    { weight: 12, arbitrary: known.map((chosen) => ({ ...chosen, ...fixed })) },
    { weight: 1, arbitrary: value },
  );
}

const SOCKET = [
  'tos',
  'mark',
  'interface',
  'priority',
  'reuseAddress',
  'reusePort',
  'ipv6Only',
  'freebind',
  'transparent',
];
const TARGET = ['vrf', 'namespace', 'interface', 'waitForNamespace', 'onReplaced', 'dns', ...SOCKET];
const CONNECTION = [
  'timeout',
  'family',
  'localAddress',
  'localPort',
  'lookup',
  'noDelay',
  'keepAlive',
  'keepAliveInitialDelay',
  'highWaterMark',
];
const DNS = ['servers', 'search', 'hosts', 'cache', 'timeout', 'attempts', 'ndots', 'rotate', 'order'];
const DIAL = [...TARGET, ...CONNECTION, 'host', 'port', 'signal'];
const LINK = [
  'type',
  'name',
  'index',
  'mtu',
  'hardwareAddr',
  'broadcast',
  'txQLen',
  'alias',
  'master',
  'parent',
  'group',
  'up',
  'peer',
  'netnsFd',
  'netnsPid',
  'mode',
  'vlanId',
  'vxlanId',
  'ports',
  'proto',
  'role',
  'etherType',
  'muxId',
  'bitrate',
  'samplePoint',
  'tdc',
  'localAddress',
  'remoteAddress',
  'groupAddress',
  'port',
  'portRange',
  'ttl',
  'tos',
  'table',
  'id',
  'altNames',
];
const ROUTE = [
  'family',
  'type',
  'dst',
  'src',
  'gateway',
  'prefSrc',
  'oif',
  'table',
  'protocol',
  'scope',
  'priority',
  'tos',
  'flags',
  'metrics',
  'nexthops',
  'encap',
  'preference',
  'expires',
  'nexthopId',
  'flow',
];
const RULE = [
  'family',
  'priority',
  'action',
  'table',
  'goto',
  'src',
  'dst',
  'iif',
  'oif',
  'fwmark',
  'fwmask',
  'tos',
  'protocol',
  'ipProtocol',
  'sourcePorts',
  'destinationPorts',
  'uidRange',
  'invert',
  'l3mdev',
  'tunnelId',
  'suppressPrefixLength',
  'suppressGroup',
];
const ADDRESS = [
  'address',
  'local',
  'broadcast',
  'label',
  'scope',
  'flags',
  'validLifetime',
  'preferredLifetime',
  'priority',
  'protocol',
  'family',
  'ifindex',
];
const NEIGHBOUR = ['family', 'dst', 'lladdr', 'ifindex', 'state', 'flags', 'vlan', 'master', 'proxy'];
const QDISC = [
  'entries',
  'queues',
  'priomap',
  'classes',
  'flags',
  'clockid',
  'baseTime',
  'hiCredit',
  'idleSlope',
  'action',
  'kind',
  'handle',
  'parent',
  'ifindex',
  'link',
  'rate',
  'burst',
  'limit',
  'latency',
  'jitter',
  'loss',
  'delay',
  'bands',
  'priomap',
  'defaultClass',
];

const CLASS = [
  'kind',
  'classid',
  'parent',
  'ifindex',
  'link',
  'rate',
  'ceil',
  'burst',
  'priority',
  'realTime',
  'weight',
];
const FILTER = [
  'kind',
  'link',
  'block',
  'parent',
  'priority',
  'protocol',
  'handle',
  'keys',
  'actions',
  'dst',
  'mark',
  'arp',
  'mpls',
  'tunnel',
  'ct',
  'program',
  'bytecode',
  'ematch',
];
const CHAIN = ['link', 'ifindex', 'block', 'parent', 'chain', 'template'];
const ACTION = [
  'kind',
  'kernelKind',
  'index',
  'control',
  'cookie',
  'mode',
  'id',
  'keys',
  'of',
  'direction',
  'from',
  'to',
  'src',
  'dst',
  'options',
  'zone',
  'rate',
  'group',
  'program',
  'bytecode',
  'label',
  'text',
  'commit',
  'mark',
  'nat',
  'dstMac',
];

const base = { namespace: 'no-such', host: '192.0.2.1', port: 9, waitForNamespace: 0 };
const OPERATIONS: Readonly<Record<string, unknown>> = { ...operations };
const operation = (name: keyof typeof operations, ...args: fc.Arbitrary<unknown>[]): Call => [
  name,
  fc.tuple(...args),
  OPERATIONS[name] as (...args: never[]) => unknown,
];
const closing = (made: unknown): unknown => {
  for (const method of ['close', 'destroy'] as const) {
    const end = (made as Record<string, unknown> | undefined)?.[method];
    if (typeof end === 'function') return end.call(made);
  }
  return made;
};

const CALLS: readonly Call[] = [
  [
    'runInNamespace',
    fc.tuple(
      value,
      fc.constant(() => 1),
      options(['onRestoreFailure']),
    ),
    (ref, fn, o) => core.runInNamespace(ref, fn, o),
  ],
  [
    'runInNamespace, anything to call',
    fc.tuple(fc.constant('no-such'), value),
    (ref, fn) => core.runInNamespace(ref, fn),
  ],
  ['resolveNamespace', fc.tuple(value), (ref) => core.resolveNamespace(ref).close()],
  ['checkReference', fc.tuple(value), checks.checkReference],
  ['describeNamespace', fc.tuple(value), checks.describeNamespace],
  ['namespaceName', fc.tuple(value), checks.namespaceName],
  ['checkName', fc.tuple(value), checks.checkName],
  ['vrfToNetns', fc.tuple(value), core.vrfToNetns],
  ['parseAddress', fc.tuple(value), core.parseAddress],
  ['openSocket', fc.tuple(options(['namespace', 'family', 'type', ...SOCKET])), core.openSocket],
  ['SocketReserve', fc.tuple(options(['namespace', ...SOCKET])), (o) => closing(new core.SocketReserve(o))],
  ['checkSocketOptions', fc.tuple(options(SOCKET)), checks.checkSocketOptions],
  ['listNamed', fc.tuple(options(['dir'])), core.listNamed],
  ['addNamed', fc.tuple(value, options(['dir'])), core.addNamed],
  ['newNamed', fc.tuple(value), core.newNamed],
  ['deleteNamed', fc.tuple(value, options(['dir'])), core.deleteNamed],
  ['watchNamed', fc.tuple(options(['dir', 'signal', 'listExisting', 'handles'])), (o) => core.watchNamed(o).return?.()],
  ['getFromName', fc.tuple(value), core.getFromName],
  ['getFromPath', fc.tuple(value), core.getFromPath],
  ['getFromPid', fc.tuple(value), core.getFromPid],
  ['getFromThread', fc.tuple(value, value), core.getFromThread],
  ['getFromDocker', fc.tuple(value, options(['procRoot'])), core.getFromDocker],
  ['namespaceCookie', fc.tuple(value), core.namespaceCookie],
  [
    'spawnInNamespace',
    fc.tuple(fc.constant('no-such'), value, value, options(['netnsEtc', 'shell', 'uid', 'stdio', 'env'])),
    core.spawnInNamespace,
  ],
  [
    'NamespaceWorker',
    fc.tuple(fc.constant('no-such'), value, options(['env', 'execArgv', 'workerData', 'name'])),
    (ref, file, o) => new core.NamespaceWorker(ref, file, o),
  ],
  ['dial', fc.tuple(options(DIAL, base)), (o) => dial.dial(o).then(closing)],
  ['dial, dns', fc.tuple(options(DNS)), (o) => dial.dial({ ...base, dns: o } as never).then(closing)],
  [
    'dial, anywhere',
    fc.tuple(options(DIAL, { namespace: 'no-such', waitForNamespace: 0 })),
    (o) => dial.dial(o).then(closing),
  ],
  ['createVrfLookup', fc.tuple(options([...TARGET, ...DNS])), dial.createVrfLookup],
  [
    'createVrfConnector',
    fc.tuple(options([...TARGET, ...CONNECTION, 'maxCachedSessions', 'allowH2', 'socketPath'])),
    dial.createVrfConnector,
  ],
  [
    'createVrfFetch',
    fc.tuple(options([...TARGET, 'connections', 'pipelining', 'connect', 'factory'])),
    (o) => closing(dial.createVrfFetch(o)),
  ],
  [
    'VrfAgent',
    fc.tuple(options([...TARGET, 'connections', 'pipelining', 'connect', 'factory', 'allowH2', 'logger'])),
    (o) => closing(new dial.VrfAgent(o)),
  ],
  [
    'VrfHttpAgent',
    fc.tuple(options([...TARGET, ...CONNECTION, 'maxSockets', 'keepAliveMsecs', 'scheduling'])),
    (o) => closing(new dial.VrfHttpAgent(o)),
  ],
  [
    'VrfHttpsAgent',
    fc.tuple(options([...TARGET, ...CONNECTION, 'maxSockets', 'ca', 'servername', 'maxCachedSessions'])),
    (o) => closing(new dial.VrfHttpsAgent(o)),
  ],
  [
    'createUdpSocket',
    fc.tuple(
      options([...TARGET, 'type', 'bind', 'recvBufferSize', 'signal'], { namespace: 'no-such', waitForNamespace: 0 }),
    ),
    (o) => dial.createUdpSocket(o).then(closing),
  ],
  [
    'listenInVrf',
    fc.tuple(
      options([...TARGET, 'host', 'port', 'backlog', 'graceMs', 'signal', 'logger'], {
        namespace: { path: '/no-such' },
      }),
    ),
    (o) => dial.listenInVrf(http.createServer(), o).then(closing),
  ],
  [
    'listenInVrf, anything to listen',
    fc.tuple(value),
    (server) => dial.listenInVrf(server, { namespace: { path: '/no-such' }, port: 0 }).then(closing),
  ],
  ['vrfProxyOptions', fc.tuple(options([...TARGET, ...CONNECTION])), dial.vrfProxyOptions],
  ['setTos', fc.tuple(value, value), dial.setTos],
  operation('linkList', options(['kind', 'type', 'master', 'up', 'name'])),
  operation('linkByName', value),
  operation('linkByIndex', value),
  operation('linkByAlias', value),
  operation('linkAdd', options(LINK)),
  operation('linkAdd', options(LINK, { type: 'vlan', name: 'v', parent: 1 })),
  operation('linkAdd', options(LINK, { type: 'vxlan', name: 'v' })),
  operation('linkAdd', options(LINK, { type: 'bridge', name: 'v' })),
  ...['hsr', 'bareudp', 'gtp', 'ipoib', 'amt', 'rmnet', 'can'].map((type) =>
    operation('linkAdd', options(LINK, { type, name: 'v' })),
  ),
  operation('linkDel', value),
  operation('linkModify', sample, options(LINK)),
  operation('linkSetUp', value),
  operation('linkSetDown', value),
  operation('linkSetMTU', sample, value),
  operation('linkSetName', sample, value),
  operation('linkSetAlias', sample, value),
  operation('linkSetHardwareAddr', sample, value),
  operation('linkSetMaster', sample, value),
  operation('linkSetNoMaster', value),
  operation('linkSetPort', sample, options(['type', 'hairpin', 'cost', 'priority', 'queueId', 'backupPort', 'state'])),
  operation('linkSetNetns', sample, value),
  operation('neighFlush', options(['family', 'link', 'vlan', 'vni', 'dst', 'port', 'state', 'flags'])),
  operation('mdbAdd', options(['bridge', 'port', 'group', 'source', 'sources', 'filterMode', 'vid', 'state'])),
  operation('mdbList', options(['bridge', 'port', 'group'])),
  operation('bridgeVniAdd', options(['link', 'vni', 'vniEnd', 'groupAddress'])),
  operation('bridgeVlanTunnelDel', options(['link', 'vid', 'vidEnd', 'tunnelId'])),
  operation('linkSetNsFd', sample, value),
  operation('linkSetNsPid', sample, value),
  operation('linkSetTxQLen', sample, value),
  operation('linkSetXdp', sample, options(['program', 'mode', 'replaces', 'onlyIfNone'])),
  operation('macvlanAddressAdd', sample, value),
  operation('macvlanAddressDel', sample, value),
  operation('linkAddAltName', sample, value),
  operation('linkDelAltName', sample, value),
  operation('setPromiscOn', value),
  operation('setPromiscOff', value),
  operation('addrList', options(['family', 'link', 'scope', 'label'])),
  operation('addrAdd', sample, options(ADDRESS)),
  operation('addrAdd', fc.constant(1), value),
  operation('addrReplace', fc.constant(1), options(ADDRESS, { address: '192.0.2.1/24' })),
  operation('addrDel', fc.constant(1), options(ADDRESS)),
  operation('routeList', options(ROUTE)),
  operation('routeGet', value, options(['oif', 'iif', 'src', 'mark', 'tos', 'uid', 'table'])),
  operation('routeAdd', options(ROUTE)),
  operation('routeAppend', options(ROUTE, { dst: '198.51.100.0/24' })),
  operation('routeReplace', options(ROUTE, { dst: '2001:db8::/32' })),
  operation('routeDel', options(ROUTE, { dst: 'default' })),
  operation('neighList', options(NEIGHBOUR)),
  operation('neighAdd', options(NEIGHBOUR)),
  operation('neighSet', options(NEIGHBOUR, { dst: '192.0.2.1', ifindex: 1 })),
  operation('neighDel', options(NEIGHBOUR)),
  operation('ruleList', options(RULE)),
  operation('ruleAdd', options(RULE)),
  operation('ruleDel', options(RULE)),
  operation('classList', options(CLASS)),
  operation('classAdd', options(CLASS)),
  operation('classAdd', options(CLASS, { kind: 'htb', ifindex: 1, classid: '1:1' })),
  operation('classReplace', options(CLASS, { kind: 'hfsc', ifindex: 1, classid: '1:1' })),
  operation('classChange', options(CLASS, { kind: 'qfq', ifindex: 1, classid: '1:1' })),
  operation('classDel', options(CLASS)),
  operation('filterList', options(FILTER)),
  operation('filterAdd', options(FILTER)),
  operation('filterAdd', options(FILTER, { kind: 'u32', ifindex: 1 })),
  operation('filterReplace', options(FILTER, { kind: 'flower', ifindex: 1 })),
  operation('filterChange', options(FILTER, { kind: 'matchall', ifindex: 1 })),
  operation('filterReplace', options(FILTER, { kind: 'bpf', ifindex: 1 })),
  operation('filterDel', options(FILTER)),
  operation('chainList', options(CHAIN)),
  operation('chainAdd', options(CHAIN, { ifindex: 1 })),
  operation('chainDel', options(CHAIN)),
  operation('actionList', options(ACTION)),
  operation('actionAdd', options(ACTION)),
  ...[
    'vlan',
    'pedit',
    'csum',
    'nat',
    'tunnel_key',
    'connmark',
    'sample',
    'bpf',
    'mpls',
    'skbmod',
    'simple',
    'ct',
    'ctinfo',
    'gate',
  ].map((kind) => operation('actionReplace', options(ACTION, { kind }))),
  operation('actionDel', options(ACTION)),
  operation('qdiscList', options(QDISC)),
  operation('qdiscAdd', options(QDISC)),
  operation('qdiscAdd', options(QDISC, { kind: 'netem', ifindex: 1 })),
  operation('qdiscReplace', options(QDISC, { kind: 'tbf', ifindex: 1 })),
  ...['taprio', 'mqprio', 'etf', 'cbs', 'plug'].map((kind) =>
    operation('qdiscAdd', options(QDISC, { kind, ifindex: 1 })),
  ),
  operation('qdiscChange', options(QDISC)),
  operation('qdiscDel', options(QDISC)),
  operation('bridgeVlanList', options(['link'])),
  operation('bridgeVlanAdd', sample, options(['vlan', 'vid', 'range', 'pvid', 'untagged'])),
  operation('bridgeVlanDel', sample, options(['vlan', 'vid', 'range', 'pvid', 'untagged'])),
  operation('nsidGet', value),
  operation('nsidSet', value, value),
  ['parseResult', fc.tuple(value, options(['version'])), cni.parseResult],
  ['parseNetworkConfig', fc.tuple(value), cni.parseNetworkConfig],
  [
    'parseNetworkConfigList',
    fc.tuple(value, options(['pluginsElsewhere', 'onDiagnostic'])),
    cni.parseNetworkConfigList,
  ],
  ['parseCniArgs', fc.tuple(fc.oneof(fc.string(), value)), cni.parseCniArgs],
  ['checkContainerId', fc.tuple(value), cni.checkContainerId],
  ['checkInterfaceName', fc.tuple(value), cni.checkInterfaceName],
  ['checkNetworkName', fc.tuple(value), cni.checkNetworkName],
  [
    'renderTemplate',
    fc.tuple(
      fc.constantFrom(
        '{{.a}}',
        '{{range .b}}{{.}}{{end}}',
        '{{json .}}',
        '{{. | shellQuote}}',
        '{{index .a .b}}',
        '{{printf "%v %d" .a .b}}',
      ),
      options(['a', 'b']),
    ),
    script.renderTemplate,
  ],
  [
    'Script',
    fc.tuple(fc.string(), options(['a', 'b'])),
    (text, fields) => new script.Script(text).withFields(fields).withEnv('A=b').compile().raw(),
  ],
  ['neslink.Do', fc.tuple(value), (provider) => neslink.Do(provider)],
  [
    'neslink.NsDo',
    fc.tuple(
      fc.constantFrom(
        () => neslink.NPName('no-such'),
        () => neslink.NPProcess(1),
      ),
      value,
    ),
    (provider: () => never, action) => neslink.NsDo(provider(), action),
  ],
];

/** An error that is not ours, and says all the same which option of Node's or undici's is wrong. */
const PASSED_ON =
  /^(ERR_INVALID_ARG_TYPE|ERR_INVALID_ARG_VALUE|ERR_OUT_OF_RANGE|ERR_INVALID_IP_ADDRESS|UND_ERR_INVALID_ARG|ERR_TLS_\w+|ERR_OSSL\w*|ERR_SOCKET_BAD_\w+|ERR_UNKNOWN_ENCODING|ERR_WORKER_\w+)$/;

function accept(name: string, args: unknown, error: unknown): string {
  if (error instanceof core.NetnsError || error instanceof cni.CniError) {
    if (String(error.message).length > 4000)
      throw new Violation(`${name}: a message of ${error.message.length} characters`);
    return `${error.name} ${error.code}`;
  }
  const { code } = (error ?? {}) as { code?: unknown };
  if (typeof code === 'string' && PASSED_ON.test(code)) return code;
  throw new Violation(
    `${name}(${fc.stringify(args).slice(1, -1).slice(0, 600)}) threw ${(error as Error)?.stack ?? String(error)}`,
  );
}

let ready = false;
function prepare(): void {
  if (ready) return;
  ready = true;
  replaceSyscalls(
    (real) =>
      Object.fromEntries(
        Object.keys(real).map((call) => [
          call,
          call === 'gettid' ? () => 1 : () => (call.endsWith('Async') ? Promise.resolve(-Errno.ENOSYS) : -Errno.ENOSYS),
        ]),
      ) as unknown as Partial<Syscalls>,
  );
}

const pending: { name: string; input: Uint8Array; done: Promise<string> }[] = [];

function attempt(input: Uint8Array, name: string, args: unknown[], call: Call[2]): string {
  try {
    const result: unknown = call(...(args as never[]));
    if (result instanceof Promise)
      pending.push({
        name,
        input,
        done: result.then(
          () => 'resolved',
          (error: unknown) => accept(name, args, error),
        ),
      });
    return `${name} went on`;
  } catch (error) {
    return `${name} ${accept(name, args, error)}`;
  }
}

/** To draw many arguments from a seed costs little more than to draw one. */
const CASES = 32;

export const optionsTarget: Target = {
  name: 'options',
  dictionary: [],
  cases: CASES,
  seeds: () => CALLS.map((_, index) => Uint8Array.from([index >> 8, index & 0xff, 0, 0, 0, 1])),
  mutate(input: Uint8Array, random: Random) {
    const copy = Uint8Array.from({ length: 6 }, (_, index) => input[index] ?? 0);
    const view = new DataView(copy.buffer);
    if (random.once(4)) view.setUint16(0, random.below(CALLS.length));
    view.setUint32(2, random.bits());
    return copy;
  },
  run(input) {
    prepare();
    const view = new DataView(Uint8Array.from({ length: 6 }, (_, index) => input[index] ?? 0).buffer);
    const [name, arbitrary, call] = CALLS[view.getUint16(0) % CALLS.length] as Call;
    const shapes = new Set<string>();
    for (const args of fc.sample(arbitrary, { numRuns: CASES, seed: view.getUint32(2) | 0 }))
      shapes.add(attempt(input, name, args, call));
    return [...shapes].sort().join();
  },
  async settle() {
    for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
      const { name, input, done } = next;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Violation(`${name}: no end within 3 s`)), 3000);
      });
      try {
        await Promise.race([done, late]);
      } catch (error) {
        throw Object.assign(error as Error, { input });
      } finally {
        clearTimeout(timer);
      }
    }
  },
};
