// Operations of netlink-links, with the links of the namespace that the process is in, and in `red`.
import * as links from 'netlink-links';
import { Netlink } from 'netlink-links';
import { get } from 'netns-core';
import { ipIfThere } from '../fixture.mjs';

let self;

export function prepare() {
  self = get();
}

const ROUTE = { dst: '203.0.113.0/24', oif: 'a0' };
const NEIGHBOUR = { dst: '198.51.100.7', lladdr: '02:00:00:00:00:07', link: 'a0' };
const NEXTHOP = { id: 777, oif: 'a0' };
const LABEL = { label: 100, oif: 'a0' };
const NO_MPLS = ['EOPNOTSUPP', 'EINVAL', 'ESRCH'];
const RULE = { src: '198.51.100.0/24', table: 1000, priority: 777 };
const GROUP = { bridge: 'br0', group: '233.252.0.1' };
const noGroup = () => {
  try {
    links.mdbDel(GROUP);
  } catch {
    // There is none.
  }
};
const NO_SOCKET = { family: 'ipv4', protocol: 'tcp', local: { address: '192.0.2.77', port: 1 } };
const addLink = () => ipIfThere('link add n0 type veth peer name n1');
const removeLink = () => ipIfThere('link del n0');
const noRoute = () => ipIfThere('route flush 203.0.113.0/24');
const noNeighbour = () => ipIfThere('neigh del 198.51.100.7 dev a0');
const noNexthop = () => ipIfThere('nexthop del id 777');
const noRule = () => ipIfThere('rule del priority 777');
const noAddress = () => ipIfThere('addr del 198.51.100.9/24 dev a0');
const TBF = { kind: 'tbf', link: 'a0', rate: 1_000_000, burst: 10_000, latency: 50_000 };
const removeQdisc = () => {
  try {
    links.qdiscDel({ link: 'a0' });
  } catch {
    // There is none.
  }
};

const CLASS = { kind: 'htb', link: 'a0', classid: '1:10', rate: 1_000_000 };
const addHtb = () => {
  removeQdisc();
  links.qdiscAdd({ kind: 'htb', link: 'a0', handle: '1:' });
};
const addClass = () => {
  addHtb();
  links.classAdd(CLASS);
};

const FILTER = {
  kind: 'u32',
  link: 'a0',
  parent: '1:',
  priority: 5,
  protocol: 'ip',
  keys: links.u32Match({ dst: '192.0.2.0/24' }),
  classid: '1:10',
};
const addFilter = () => {
  addHtb();
  links.filterAdd(FILTER);
};

/** A kernel without actions. */
const NO_ACTIONS = ['EOPNOTSUPP', 'ENOENT'];
const removeAction = () => {
  try {
    links.actionDel({ kind: 'gact', index: 777 });
  } catch {
    // There is none.
  }
};
const CHAIN = { link: 'a0', parent: '1:', chain: 5 };

/** An operation in all its ways: as a function, by promise and blocking on a connection in `red` where that makes sense. */
const here = (run, rest = {}) => ({ what: 'here', run, ...rest });
/** Iterates to the end. */
async function all(iterable) {
  const found = [];
  for await (const item of iterable) found.push(item);
  return found;
}
const inRed = async (use) => {
  const netlink = Netlink.open('red');
  try {
    return await use(netlink);
  } finally {
    netlink.close();
  }
};
/** Does something in `red` that may have been done before. */
function prepareRed(steps) {
  const netlink = Netlink.open('red');
  for (const step of steps)
    try {
      step(netlink.sync);
    } catch {
      // It has been done.
    }
  netlink.close();
}
const IN_RED = { link: 'eth0' };
const HTB = [
  (red) => red.qdiscAdd({ ...IN_RED, kind: 'htb', handle: '1:' }),
  (red) => red.classAdd({ ...CLASS, ...IN_RED }),
  (red) => red.filterAdd({ ...FILTER, ...IN_RED }),
];
const NO_HTB = [(red) => red.qdiscDel(IN_RED)];
const firstUpdate = (subscribe) => async () => {
  const subscription = subscribe({ namespace: 'red', listExisting: true });
  try {
    return (await subscription.next()).value;
  } finally {
    await subscription.return?.();
  }
};
const subscription = (subscribe) => ({
  run: firstUpdate(subscribe),
  right: (update) => update !== undefined,
  objects: ['red', 'subscri', 'netlink', 'list', 'NS('],
});
/** A subscription without a list, begun and ended. */
const ended = (subscribe, objects) => ({
  run: () => subscribe().close(),
  objects: ['red', 'subscri', 'netlink', 'NS(', ...objects],
});
const listed = (run, objects) => [
  here(run(links), { objects: ['list', 'netlink', ...objects] }),
  { what: 'in red', run: () => inRed((netlink) => run(netlink)()), objects: ['red', 'list', 'netlink', ...objects] },
  {
    what: 'in red, blocking',
    run: () => inRed((netlink) => run(netlink.sync)()),
    objects: ['red', 'list', 'netlink', ...objects],
  },
];

export const operations = {
  Netlink: [
    {
      what: 'open, linkList',
      run: () => inRed((netlink) => netlink.linkList()),
      right: (list) => list.some((link) => link.name === 'eth0'),
      objects: ['red', 'list', 'netlink'],
    },
    { what: 'open, batch', run: () => inRed((netlink) => netlink.batch([])), objects: ['red', 'netlink'] },
    {
      what: 'open by handle',
      run: () => {
        const netlink = Netlink.open(self);
        try {
          return netlink.sync.linkByName('a0');
        } finally {
          netlink.close();
        }
      },
      objects: ['NS(', 'a0', 'netlink'],
    },
    {
      what: 'linkAdd and linkDel',
      run: () =>
        inRed(async (netlink) => {
          await netlink.linkAdd({ type: 'veth', name: 'n0', peer: { name: 'n1' } });
          await netlink.linkDel('n0');
        }),
      always: () => ipIfThere('-n red link del n0'),
      objects: ['red', 'n0', 'netlink'],
    },
  ],
  linkList: listed((door) => () => door.linkList(), ['links']),
  linkByName: listed((door) => () => door.linkByName('lo'), ['lo']),
  linkByIndex: listed((door) => () => door.linkByIndex(1), ['link 1', 'index 1', '1']),
  linkByAlias: [
    here(
      () => {
        try {
          return links.linkByAlias('none');
        } catch (error) {
          if (!(error instanceof links.LinkNotFoundError)) throw error;
          return undefined;
        }
      },
      { objects: ['none'] },
    ),
  ],
  linkAdd: here(() => links.linkAdd({ type: 'veth', name: 'n0', peer: { name: 'n1' } }), {
    always: removeLink,
    objects: ['n0'],
  }),
  linkDel: here(() => links.linkDel('n0'), { before: addLink, always: removeLink, objects: ['n0'] }),
  linkModify: here(() => links.linkModify('a0', { alias: 'x' }), { objects: ['a0'] }),
  linkSetUp: here(() => links.linkSetUp('a0'), { objects: ['a0'] }),
  linkSetDown: here(() => links.linkSetDown('n0'), { before: addLink, always: removeLink, objects: ['n0'] }),
  linkSetMTU: here(() => links.linkSetMTU('a0', 1400), { objects: ['a0'] }),
  linkSetName: here(() => links.linkSetName('n0', 'n2'), {
    before: addLink,
    always: () => {
      removeLink();
      ipIfThere('link del n2');
    },
    objects: ['n0'],
  }),
  linkSetAlias: here(() => links.linkSetAlias('a0', 'other'), { objects: ['a0'] }),
  linkSetHardwareAddr: here(() => links.linkSetHardwareAddr('a0', '02:00:00:00:00:0a'), { objects: ['a0'] }),
  linkSetMaster: here(() => links.linkSetMaster('a1', 'br0'), { objects: ['a1', 'br0'] }),
  linkSetNoMaster: here(() => links.linkSetNoMaster('a1'), { objects: ['a1'] }),
  linkSetPort: here(() => links.linkSetPort('a1', { hairpin: true }), {
    before: () => links.linkSetMaster('a1', 'br0'),
    always: () => ipIfThere('link set a1 nomaster'),
    objects: ['a1'],
  }),
  linkSetNetns: here(() => links.linkSetNetns('n0', self), {
    before: addLink,
    always: removeLink,
    objects: ['n0', 'NS('],
  }),
  linkSetNsFd: here(() => links.linkSetNsFd('n0', self.fd), { before: addLink, always: removeLink, objects: ['n0'] }),
  linkSetNsPid: here(() => links.linkSetNsPid('n0', process.pid), {
    before: addLink,
    always: removeLink,
    objects: ['n0'],
  }),
  linkSetTxQLen: here(() => links.linkSetTxQLen('a0', 500), { objects: ['a0'] }),
  // A veth has no virtual functions.
  linkSetVf: here(() => links.linkSetVf('a0', 0, { trust: true }), {
    mayRefuse: ['EOPNOTSUPP', 'EINVAL'],
    objects: ['a0', 'virtual function'],
  }),
  linkStatsList: listed((door) => () => door.linkStatsList(), ['statistics']),
  linkAddAltName: here(() => links.linkAddAltName('a0', 'another'), {
    always: () => ipIfThere('link property del dev a0 altname another'),
    objects: ['a0', 'another'],
  }),
  linkDelAltName: here(() => links.linkDelAltName('a0', 'another'), {
    before: () => ipIfThere('link property add dev a0 altname another'),
    always: () => ipIfThere('link property del dev a0 altname another'),
    objects: ['a0', 'another'],
  }),
  linkSetXdp: here(() => links.linkSetXdp('a0', { program: null }), { objects: ['a0'] }),
  macvlanAddressAdd: here(() => links.macvlanAddressAdd('mv0', '02:00:00:00:00:05'), {
    before: () => ipIfThere('link add link a0 name mv0 type macvlan mode source'),
    always: () => ipIfThere('link del mv0'),
    objects: ['mv0'],
  }),
  macvlanAddressDel: here(() => links.macvlanAddressDel('mv0', '02:00:00:00:00:05'), {
    before: () => ipIfThere('link add link a0 name mv0 type macvlan mode source'),
    always: () => ipIfThere('link del mv0'),
    objects: ['mv0'],
  }),
  setPromiscOn: here(() => links.setPromiscOn('a0'), { objects: ['a0'] }),
  setPromiscOff: here(() => links.setPromiscOff('a0'), { objects: ['a0'] }),
  addrList: listed((door) => () => door.addrList(), ['addresses']),
  addrAdd: here(() => links.addrAdd('a0', '198.51.100.9/24'), { always: noAddress, objects: ['198.51.100.9', 'a0'] }),
  addrReplace: here(() => links.addrReplace('a0', '198.51.100.9/24'), {
    always: noAddress,
    objects: ['198.51.100.9', 'a0'],
  }),
  addrDel: here(() => links.addrDel('a0', '198.51.100.9/24'), {
    before: () => ipIfThere('addr add 198.51.100.9/24 dev a0'),
    always: noAddress,
    objects: ['198.51.100.9', 'a0'],
  }),
  routeList: listed((door) => () => door.routeList(), ['routes']),
  routeGet: here(() => links.routeGet('198.51.100.7'), { objects: ['198.51.100.7'] }),
  routeAdd: here(() => links.routeAdd(ROUTE), { always: noRoute, objects: ['203.0.113.0', 'a0'] }),
  routeAppend: here(() => links.routeAppend(ROUTE), { always: noRoute, objects: ['203.0.113.0', 'a0'] }),
  routeReplace: here(() => links.routeReplace(ROUTE), { always: noRoute, objects: ['203.0.113.0', 'a0'] }),
  routeChange: here(() => links.routeChange(ROUTE), {
    before: () => ipIfThere('route add 203.0.113.0/24 dev a0'),
    always: noRoute,
    objects: ['203.0.113.0', 'a0'],
  }),
  routeDel: here(() => links.routeDel(ROUTE), {
    before: () => ipIfThere('route add 203.0.113.0/24 dev a0'),
    always: noRoute,
    objects: ['203.0.113.0', 'a0'],
  }),
  mplsRouteList: listed((door) => () => door.mplsRouteList(), ['MPLS routes']),
  // The kernel may lack it, or know no labels.
  mplsRouteAdd: here(() => links.mplsRouteAdd(LABEL), { mayRefuse: NO_MPLS, objects: ['MPLS route 100', 'a0'] }),
  mplsRouteReplace: here(() => links.mplsRouteReplace(LABEL), {
    mayRefuse: NO_MPLS,
    objects: ['MPLS route 100', 'a0'],
  }),
  mplsRouteDel: here(() => links.mplsRouteDel(LABEL), { mayRefuse: NO_MPLS, objects: ['MPLS route 100'] }),
  neighList: listed((door) => () => door.neighList(), ['neighbours']),
  neighAdd: here(() => links.neighAdd(NEIGHBOUR), { always: noNeighbour, objects: ['198.51.100.7', 'a0'] }),
  // For forwarding databases: the same address a second time, elsewhere.
  neighAppend: here(
    () => links.neighAppend({ family: 'bridge', lladdr: '02:00:00:00:00:07', link: 'a1', flags: ['self'] }),
    {
      always: () => ipIfThere('link set a1 up'),
      mayRefuse: ['EOPNOTSUPP', 'EEXIST'],
      objects: ['02:00:00:00:00:07', 'a1'],
    },
  ),
  neighSet: here(() => links.neighSet(NEIGHBOUR), { always: noNeighbour, objects: ['198.51.100.7', 'a0'] }),
  neighDel: here(() => links.neighDel({ dst: '198.51.100.7', link: 'a0' }), {
    before: () => ipIfThere('neigh add 198.51.100.7 lladdr 02:00:00:00:00:07 dev a0'),
    always: noNeighbour,
    objects: ['198.51.100.7', 'a0'],
  }),
  neighTableList: listed((door) => () => door.neighTableList(), ['neighbour tables']),
  neighTableSet: here(() => links.neighTableSet('arp_cache', { link: 'a0', locktime: 500 }), {
    objects: ['arp_cache', 'a0'],
  }),
  nexthopList: listed((door) => () => door.nexthopList(), ['nexthops']),
  nexthopBucketList: listed((door) => () => door.nexthopBucketList(), ['buckets']),
  nexthopGet: here(() => links.nexthopGet(777), {
    before: () => ipIfThere('nexthop add id 777 dev a0'),
    always: noNexthop,
    objects: ['777', 'nexthop'],
  }),
  nexthopAdd: here(() => links.nexthopAdd(NEXTHOP), { always: noNexthop, objects: ['777', 'nexthop', 'a0'] }),
  nexthopReplace: here(() => links.nexthopReplace(NEXTHOP), { always: noNexthop, objects: ['777', 'nexthop', 'a0'] }),
  nexthopDel: here(() => links.nexthopDel(777), {
    before: () => ipIfThere('nexthop add id 777 dev a0'),
    always: noNexthop,
    objects: ['777', 'nexthop'],
  }),
  neighFlush: here(() => links.neighFlush({ family: 'bridge', link: 'br0', state: 'reachable' }), { objects: ['br0'] }),
  mdbList: listed((door) => () => door.mdbList(), ['multicast groups']),
  mdbAdd: here(() => links.mdbAdd(GROUP), {
    mayRefuse: ['EINVAL', 'EEXIST'],
    always: noGroup,
    objects: ['233.252.0.1', 'br0'],
  }),
  mdbReplace: here(() => links.mdbReplace(GROUP), {
    mayRefuse: ['EINVAL', 'EEXIST'],
    always: noGroup,
    objects: ['233.252.0.1', 'br0'],
  }),
  mdbDel: here(() => links.mdbDel(GROUP), { mayRefuse: ['EINVAL', 'ENOENT'], objects: ['233.252.0.1', 'br0'] }),
  bridgeVniList: listed((door) => () => door.bridgeVniList(), ['VNIs']),
  // No link of this namespace is a VXLAN.
  bridgeVniAdd: here(() => links.bridgeVniAdd({ link: 'a0', vni: 7 }), {
    mayRefuse: ['EOPNOTSUPP', 'EINVAL', 'ENODEV'],
    objects: ['a0', 'VNI'],
  }),
  bridgeVniDel: here(() => links.bridgeVniDel({ link: 'a0', vni: 7 }), {
    mayRefuse: ['EOPNOTSUPP', 'EINVAL', 'ENODEV'],
    objects: ['a0', 'VNI'],
  }),
  ruleList: listed((door) => () => door.ruleList(), ['rules']),
  ruleAdd: here(() => links.ruleAdd(RULE), { always: noRule, objects: ['198.51.100.0', 'rule'] }),
  ruleDel: here(() => links.ruleDel(RULE), {
    before: () => ipIfThere('rule add from 198.51.100.0/24 table 1000 priority 777'),
    always: noRule,
    objects: ['198.51.100.0', 'rule'],
  }),
  classList: listed((door) => () => door.classList(), ['classes', 'links']),
  classAdd: here(() => links.classAdd(CLASS), { before: addHtb, always: removeQdisc, objects: ['class', 'a0'] }),
  classReplace: here(() => links.classReplace(CLASS), {
    before: addHtb,
    always: removeQdisc,
    objects: ['class', 'a0'],
  }),
  classChange: here(() => links.classChange({ ...CLASS, rate: 2_000_000 }), {
    before: addClass,
    always: removeQdisc,
    objects: ['class', 'a0'],
  }),
  classDel: here(() => links.classDel({ link: 'a0', classid: '1:10' }), {
    before: addClass,
    always: removeQdisc,
    objects: ['class', 'a0'],
  }),
  filterList: listed((door) => () => door.filterList('lo'), ['filters', 'lo']),
  filterAdd: here(() => links.filterAdd(FILTER), { before: addHtb, always: removeQdisc, objects: ['filter', 'a0'] }),
  filterReplace: here(() => links.filterReplace(FILTER), {
    before: addHtb,
    always: removeQdisc,
    objects: ['filter', 'a0'],
  }),
  filterChange: here(() => links.filterChange({ ...FILTER, handle: '800::800', classid: '1:20' }), {
    before: addFilter,
    always: removeQdisc,
    objects: ['filter', 'a0'],
  }),
  filterDel: here(() => links.filterDel({ link: 'a0', parent: '1:', priority: 5 }), {
    before: addFilter,
    always: removeQdisc,
    objects: ['filter', 'a0'],
  }),
  actionList: here(() => links.actionList({ kind: 'gact' }), { mayRefuse: NO_ACTIONS, objects: ['gact'] }),
  actionAdd: here(() => links.actionAdd({ kind: 'gact', index: 777 }), {
    mayRefuse: NO_ACTIONS,
    always: removeAction,
    objects: ['gact'],
  }),
  actionReplace: here(() => links.actionReplace({ kind: 'gact', index: 777 }), {
    mayRefuse: NO_ACTIONS,
    always: removeAction,
    objects: ['gact'],
  }),
  actionDel: here(() => links.actionDel({ kind: 'gact', index: 777 }), {
    mayRefuse: [...NO_ACTIONS, 'EINVAL'],
    objects: ['gact'],
  }),
  chainList: listed((door) => () => door.chainList('lo'), ['chains', 'lo']),
  chainAdd: here(() => links.chainAdd(CHAIN), { before: addHtb, always: removeQdisc, objects: ['chain', 'a0'] }),
  chainDel: here(() => links.chainDel(CHAIN), {
    before: () => {
      addHtb();
      links.chainAdd(CHAIN);
    },
    always: removeQdisc,
    objects: ['chain', 'a0'],
  }),
  u32Match: { run: () => links.u32Match({ dst: '192.0.2.0/24', destinationPort: 80 }) },
  qdiscList: listed((door) => () => door.qdiscList(), ['qdiscs']),
  qdiscAdd: here(() => links.qdiscAdd(TBF), { before: removeQdisc, always: removeQdisc, objects: ['tbf', 'a0'] }),
  qdiscReplace: here(() => links.qdiscReplace(TBF), { always: removeQdisc, objects: ['tbf', 'a0'] }),
  qdiscChange: here(() => links.qdiscChange({ ...TBF, rate: 2_000_000 }), {
    before: () => links.qdiscReplace(TBF),
    always: removeQdisc,
    objects: ['tbf', 'a0'],
  }),
  qdiscDel: here(() => links.qdiscDel({ link: 'a0' }), {
    before: () => links.qdiscReplace(TBF),
    always: removeQdisc,
    objects: ['qdisc', 'a0'],
  }),
  bridgeVlanList: listed((door) => () => door.bridgeVlanList(), ['VLAN', 'vlan']),
  bridgeVlanAdd: here(() => links.bridgeVlanAdd({ link: 'br0', vid: 7, self: true }), {
    mayRefuse: ['EOPNOTSUPP'],
    always: () => ipIfThere('link set br0 up'),
    objects: ['br0', 'VLAN'],
  }),
  bridgeVlanDel: here(() => links.bridgeVlanDel({ link: 'br0', vid: 7, self: true }), {
    mayRefuse: ['EOPNOTSUPP'],
    before: () => links.bridgeVlanAdd({ link: 'br0', vid: 7, self: true }),
    objects: ['br0', 'VLAN'],
  }),
  bridgeVlanSet: here(() => links.bridgeVlanSet({ link: 'a1', vid: 7, state: 'blocking' }), {
    mayRefuse: ['EOPNOTSUPP', 'EINVAL', 'ENOENT'],
    objects: ['a1', 'VLAN'],
  }),
  bridgeVlanTunnelDel: here(() => links.bridgeVlanTunnelDel({ link: 'a1', vid: 7, tunnelId: 7 }), {
    mayRefuse: ['EOPNOTSUPP', 'EINVAL', 'ENOENT'],
    objects: ['a1', 'VLAN'],
  }),
  genericFamilyList: listed((door) => () => door.genericFamilyList(), ['generic netlink']),
  genericFamilyGet: listed((door) => () => door.genericFamilyGet('nlctrl'), ['nlctrl']),
  genericRequest: listed(
    (door) => () => door.genericRequest('nlctrl', { command: 3, answer: 'dump' }),
    ['nlctrl', 'generic netlink'],
  ),
  rawRequest: listed(
    (door) => () => door.rawRequest({ type: 18, header: new Uint8Array(16), answer: 'dump' }),
    ['type 18', 'message'],
  ),
  genericSubscribe: ended(() => links.genericSubscribe({ family: 'nlctrl', namespace: 'red' }), ['nlctrl']),
  rawSubscribe: ended(() => links.rawSubscribe({ groups: [1], namespace: 'red' }), ['notifications']),
  socketList: listed((door) => () => door.socketList(), ['sockets']),
  sockets: { run: () => all(links.sockets()), objects: ['sockets', 'list'] },
  // No socket has this port.
  socketGet: here(() => links.socketGet(NO_SOCKET), { mayRefuse: ['ENOENT'], objects: ['192.0.2.77', 'socket'] }),
  socketDestroy: here(() => links.socketDestroy(NO_SOCKET), {
    mayRefuse: ['ENOENT'],
    objects: ['192.0.2.77', 'socket'],
  }),
  socketDestroyAll: listed((door) => () => door.socketDestroyAll({ local: { address: '192.0.2.77' } }), ['sockets']),
  // Here the kernel has no such family, or no such device.
  ...Object.fromEntries(
    [
      ['devlinkList', () => links.devlinkList()],
      ['devlinkPortList', () => links.devlinkPortList()],
      ['devlinkInfoGet', () => links.devlinkInfoGet('pci/0000:99:00.0')],
      ['devlinkEswitchGet', () => links.devlinkEswitchGet('pci/0000:99:00.0')],
      ['devlinkEswitchSet', () => links.devlinkEswitchSet('pci/0000:99:00.0', { mode: 'legacy' })],
    ].map(([name, run]) => [name, here(run, { mayRefuse: ['ENOENT', 'ENODEV'], objects: ['devlink', '0000:99'] })]),
  ),
  // Where the kernel has no such family, it is looked for all the same.
  ethtoolLinkGet: here(() => links.ethtoolLinkGet('a0'), { objects: ['a0'] }),
  ethtoolLinkSet: here(() => links.ethtoolLinkSet('a0', { autoNegotiation: true }), {
    mayRefuse: ['EOPNOTSUPP'],
    objects: ['a0'],
  }),
  ethtoolDriverGet: here(() => links.ethtoolDriverGet('a0'), { objects: ['a0'] }),
  ethtoolDriverStatsGet: here(() => links.ethtoolDriverStatsGet('a0'), { objects: ['a0'] }),
  ethtoolStatsGet: here(() => links.ethtoolStatsGet('a0'), { objects: ['a0'] }),
  ethtoolSubscribe: ended(() => links.ethtoolSubscribe({ namespace: 'red' }), ['features', 'ethtool', 'notifications']),
  ethtoolFeaturesGet: here(() => links.ethtoolFeaturesGet('a0'), { objects: ['a0'] }),
  ethtoolFeaturesSet: here(() => links.ethtoolFeaturesSet('a0', { 'rx-gro-list': true }), { objects: ['a0'] }),
  ethtoolStringsGet: here(() => links.ethtoolStringsGet('a0', 'features'), { objects: ['a0'] }),
  ethtoolTimestampingGet: here(() => links.ethtoolTimestampingGet('a0'), { objects: ['a0'] }),
  ethtoolChannelsGet: here(() => links.ethtoolChannelsGet('a0'), { mayRefuse: ['EOPNOTSUPP'], objects: ['a0'] }),
  ethtoolChannelsSet: here(() => links.ethtoolChannelsSet('a0', { rx: 1 }), {
    mayRefuse: ['EOPNOTSUPP', 'EINVAL'],
    objects: ['a0'],
  }),
  ethtoolRingsGet: here(() => links.ethtoolRingsGet('a0'), { mayRefuse: ['EOPNOTSUPP'], objects: ['a0'] }),
  ethtoolRingsSet: here(() => links.ethtoolRingsSet('a0', { rx: 1 }), {
    mayRefuse: ['EOPNOTSUPP', 'EINVAL'],
    objects: ['a0'],
  }),
  ethtoolCoalesceGet: here(() => links.ethtoolCoalesceGet('a0'), { mayRefuse: ['EOPNOTSUPP'], objects: ['a0'] }),
  ethtoolCoalesceSet: here(() => links.ethtoolCoalesceSet('a0', { rxUsecs: 1 }), {
    mayRefuse: ['EOPNOTSUPP', 'EINVAL'],
    objects: ['a0'],
  }),
  ethtoolPauseGet: here(() => links.ethtoolPauseGet('a0'), { mayRefuse: ['EOPNOTSUPP'], objects: ['a0'] }),
  ethtoolPauseSet: here(() => links.ethtoolPauseSet('a0', { rx: true }), {
    mayRefuse: ['EOPNOTSUPP', 'EINVAL'],
    objects: ['a0'],
  }),
  wireguardGet: here(() => links.wireguardGet('a0'), {
    mayRefuse: ['ENOENT', 'EOPNOTSUPP'],
    objects: ['a0', 'WireGuard'],
  }),
  wireguardSet: here(() => links.wireguardSet('a0', { listenPort: 0 }), {
    mayRefuse: ['ENOENT', 'EOPNOTSUPP'],
    objects: ['a0', 'WireGuard'],
  }),
  netconfList: listed((door) => () => door.netconfList(), ['settings']),
  nsidList: listed((door) => () => door.nsidList(), ['identifiers', 'namespaces']),
  nsidGet: here(() => links.nsidGet('red'), { objects: ['red', 'namespace'] }),
  nsidSet: here(
    () => {
      try {
        links.nsidSet('blue', 77);
      } catch (error) {
        if (error.code !== 'EEXIST') throw error;
      }
    },
    { objects: ['blue', 'namespace'] },
  ),
  links: {
    run: () => all(links.links({ namespace: 'red' })).catch(rethrowUnknown(() => all(links.links()))),
    objects: ['links', 'list', 'red'],
  },
  addresses: { run: () => all(links.addresses()), objects: ['addresses', 'list'] },
  routes: { run: () => all(links.routes()), objects: ['routes', 'list'] },
  neighbours: { run: () => all(links.neighbours()), objects: ['neighbours', 'list'] },
  linkSubscribe: [
    { what: 'of one namespace', ...subscription(links.linkSubscribe) },
    {
      what: 'of all namespaces',
      ...subscription((options) => links.linkSubscribe({ ...options, allNamespaces: true })),
      objects: ['red', 'subscri', 'netlink', 'list', 'NS(', 'descriptor', 'notifications'],
    },
  ],
  addrSubscribe: subscription(links.addrSubscribe),
  routeSubscribe: subscription(links.routeSubscribe),
  neighSubscribe: subscription(links.neighSubscribe),
  nexthopSubscribe: {
    ...subscription(links.nexthopSubscribe),
    before: () => ipIfThere('-n red nexthop add id 777 dev eth0'),
    always: () => ipIfThere('-n red nexthop del id 777'),
  },
  ruleSubscribe: subscription(links.ruleSubscribe),
  qdiscSubscribe: subscription(links.qdiscSubscribe),
  classSubscribe: {
    ...subscription(links.classSubscribe),
    before: () => prepareRed(HTB),
    always: () => prepareRed(NO_HTB),
  },
  filterSubscribe: {
    ...subscription(links.filterSubscribe),
    before: () => prepareRed(HTB),
    always: () => prepareRed(NO_HTB),
  },
  chainSubscribe: {
    ...subscription(links.chainSubscribe),
    before: () => prepareRed(HTB),
    always: () => prepareRed(NO_HTB),
  },
  // There are no such routes without the module.
  mplsRouteSubscribe: ended(() => links.mplsRouteSubscribe({ namespace: 'red' }), ['notifications']),
  mdbSubscribe: {
    ...subscription(links.mdbSubscribe),
    before: () =>
      prepareRed([
        (red) => red.linkAdd({ type: 'bridge', name: 'n0', up: true }),
        (red) => red.mdbAdd({ ...GROUP, bridge: 'n0', port: 'n0' }),
      ]),
    always: () => ipIfThere('-n red link del n0'),
  },
  // This kernel may lack VLANs of bridges: there is nothing to list then.
  bridgeVlanSubscribe: ended(() => links.bridgeVlanSubscribe({ namespace: 'red' }), ['notifications']),
  netconfSubscribe: subscription(links.netconfSubscribe),
  nsidSubscribe: { ...subscription(links.nsidSubscribe), before: () => prepareRed([(red) => red.nsidSet('blue', 77)]) },
};

/** Where an option does not exist. */
function rethrowUnknown(otherwise) {
  return (error) => {
    if (error.code === 'ERR_INVALID_ARGUMENT') return otherwise();
    throw error;
  };
}

/** Values: made here, executed by Netlink and neslink. */
export const withoutCalls = Object.fromEntries(
  Object.keys(links)
    .filter((name) => /^L[AP][A-Z]/.test(name))
    .map((name) => [name, undefined]),
);
Object.assign(withoutCalls, {
  isLinkProvider: () => links.isLinkProvider({}),
  linkOf: undefined,
  RawMessage: undefined,
  generateWireguardKey: () => links.generateWireguardKey(),
  generateWireguardPresharedKey: () => links.generateWireguardPresharedKey(),
  wireguardPublicKey: () => links.wireguardPublicKey('yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk='),
  provideLink: undefined,
  parseAddr: () => links.parseAddr('192.0.2.1/24'),
  describeMisplaced: undefined,
  noLinkProvider: undefined,
  NetlinkSync: undefined,
  Operation: undefined,
  DumpOperation: undefined,
  Subscription: undefined,
});
