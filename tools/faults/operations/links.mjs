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
const RULE = { src: '198.51.100.0/24', table: 1000, priority: 777 };
const NO_SOCKET = { family: 'ipv4', protocol: 'tcp', local: { address: '192.0.2.77', port: 1 } };
const addLink = () => ipIfThere('link add n0 type veth peer name n1');
const removeLink = () => ipIfThere('link del n0');
const noRoute = () => ipIfThere('route flush 203.0.113.0/24');
const noNeighbour = () => ipIfThere('neigh del 198.51.100.7 dev a0');
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
  linkSetNsFd: here(() => links.linkSetNsFd('n0', self.fd), { before: addLink, always: removeLink, objects: ['n0'] }),
  linkSetNsPid: here(() => links.linkSetNsPid('n0', process.pid), {
    before: addLink,
    always: removeLink,
    objects: ['n0'],
  }),
  linkSetTxQLen: here(() => links.linkSetTxQLen('a0', 500), { objects: ['a0'] }),
  linkAddAltName: here(() => links.linkAddAltName('a0', 'another'), {
    always: () => ipIfThere('link property del dev a0 altname another'),
    objects: ['a0', 'another'],
  }),
  linkDelAltName: here(() => links.linkDelAltName('a0', 'another'), {
    before: () => ipIfThere('link property add dev a0 altname another'),
    always: () => ipIfThere('link property del dev a0 altname another'),
    objects: ['a0', 'another'],
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
  routeDel: here(() => links.routeDel(ROUTE), {
    before: () => ipIfThere('route add 203.0.113.0/24 dev a0'),
    always: noRoute,
    objects: ['203.0.113.0', 'a0'],
  }),
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
  ruleList: listed((door) => () => door.ruleList(), ['rules']),
  ruleAdd: here(() => links.ruleAdd(RULE), { always: noRule, objects: ['198.51.100.0', 'rule'] }),
  ruleDel: here(() => links.ruleDel(RULE), {
    before: () => ipIfThere('rule add from 198.51.100.0/24 table 1000 priority 777'),
    always: noRule,
    objects: ['198.51.100.0', 'rule'],
  }),
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
  // Where the kernel has no such family, it is looked for all the same.
  wireguardGet: here(() => links.wireguardGet('a0'), {
    mayRefuse: ['ENOENT', 'EOPNOTSUPP'],
    objects: ['a0', 'WireGuard'],
  }),
  wireguardSet: here(() => links.wireguardSet('a0', { listenPort: 0 }), {
    mayRefuse: ['ENOENT', 'EOPNOTSUPP'],
    objects: ['a0', 'WireGuard'],
  }),
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
  linkSubscribe: subscription(links.linkSubscribe),
  addrSubscribe: subscription(links.addrSubscribe),
  routeSubscribe: subscription(links.routeSubscribe),
  neighSubscribe: subscription(links.neighSubscribe),
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
