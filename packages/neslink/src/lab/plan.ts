import { isIP, isIPv4 } from 'node:net';
import { parseAddr } from 'netlink-links';
import { InvalidOptionError } from 'netns-core';
import { checkBoolean, checkInteger, checkKnownOptions, checkMilliseconds, checkPort, shown } from 'netns-core/checks';
import { checkSysctl } from './sysctls.js';
import type { LabDnsSpec, LabLinkSpec, LabNatSpec, LabNodeSpec, LabProcessSpec, LabTopology } from './topology.js';

/** One end of a link. */
export interface PlannedInterface {
  readonly node: string;
  readonly name: string;
  readonly addresses: readonly string[];
  readonly peer: { readonly node: string; readonly name: string };
}

/** A link with its ends. */
export interface PlannedLink {
  readonly ends: readonly [PlannedInterface, PlannedInterface];
  readonly spec: LabLinkSpec;
}

/** A node with its interfaces. */
export interface PlannedNode {
  readonly name: string;
  readonly kind: LabNodeSpec['kind'];
  readonly interfaces: readonly PlannedInterface[];
  readonly addresses: readonly string[];
  readonly routes: readonly (readonly [destination: string, gateway: string, zone: string | undefined])[];
  readonly sysctls: readonly (readonly [name: string, value: string])[];
  readonly dns: LabDnsSpec | undefined;
  readonly processes: ReadonlyMap<string, LabProcessSpec>;
}

/** A topology that was checked. */
export interface LabPlan {
  readonly nodes: ReadonlyMap<string, PlannedNode>;
  readonly links: readonly PlannedLink[];
  readonly nat: readonly LabNatSpec[];
}

/** The bridge of a switch. */
export const BRIDGE = 'br0';

const KINDS = ['host', 'router', 'switch'] as const;
/** Also the label of a DNS name, the name of a file and an identifier in Mermaid. */
const NODE_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/;
const INTERFACE_NAME = /^[^\s/:]+$/;
const MAX_INTERFACE_NAME_BYTES = 15;

/**
 * Checks a topology before anything is made.
 *
 * @throws InvalidOptionError naming the place: `links[2].between has no node 'r3': did you mean r1?`
 */
export function planLab(topology: LabTopology): LabPlan {
  checkObject(topology, 'the topology', ['nodes', 'links', 'nat'], {
    hosts: 'nodes',
    routers: 'nodes',
    wires: 'links',
  });
  if (typeof topology.nodes !== 'object' || topology.nodes === null || Array.isArray(topology.nodes))
    throw new InvalidOptionError('nodes', `nodes must be an object of nodes by name, got ${shown(topology.nodes)}`);
  const names = Object.keys(topology.nodes);
  for (const name of names)
    if (!NODE_NAME.test(name))
      throw new InvalidOptionError(
        'nodes',
        `${shown(name)} cannot be the name of a node: it must begin with a letter, followed by up to 62 letters, digits, "-" and "_"`,
      );
  const links = planLinks(checkList(topology.links, 'links'), topology.nodes);
  const nodes = new Map(
    Object.entries(topology.nodes).map(([name, spec]) => [name, planNode(name, spec, interfacesOf(name, links))]),
  );
  const nat = checkList(topology.nat, 'nat');
  for (const [index, spec] of nat.entries()) checkNat(spec, `nat[${index}]`, nodes);
  return { nodes, links, nat };
}

function interfacesOf(node: string, links: readonly PlannedLink[]): PlannedInterface[] {
  return links.flatMap(({ ends }) => ends.filter((end) => end.node === node));
}

function planLinks(specs: readonly LabLinkSpec[], nodes: LabTopology['nodes']): PlannedLink[] {
  const taken = new Map(
    Object.entries(nodes).map(([name, spec]) => [name, new Set(spec?.kind === 'switch' ? ['lo', BRIDGE] : ['lo'])]),
  );
  const nextName = (node: string): string => {
    for (let index = 0; ; index += 1) if (!taken.get(node)?.has(`eth${index}`)) return `eth${index}`;
  };
  // Names that were asked for come first, so that none of ours is in their way.
  for (const [index, spec] of specs.entries()) {
    const place = `links[${index}]`;
    checkLink(spec, place, Object.keys(nodes));
    for (const [end, name] of (spec.names ?? []).entries()) {
      const own = taken.get(spec.between[end] ?? '');
      if (own?.has(name))
        throw new InvalidOptionError(
          'names',
          `${place}.names: ${spec.between[end]} has an interface ${shown(name)} already`,
        );
      own?.add(name);
    }
  }
  return specs.map((spec) => {
    const [left, right] = spec.between;
    const nameOf = (node: string, end: 0 | 1): string => {
      const name = spec.names?.[end] ?? nextName(node);
      taken.get(node)?.add(name);
      return name;
    };
    const [leftName, rightName] = [nameOf(left, 0), nameOf(right, 1)];
    return {
      spec,
      ends: [
        { node: left, name: leftName, addresses: listOf(spec.addresses?.[0]), peer: { node: right, name: rightName } },
        { node: right, name: rightName, addresses: listOf(spec.addresses?.[1]), peer: { node: left, name: leftName } },
      ],
    };
  });
}

const LINK_PROPERTIES = ['between', 'addresses', 'names', 'mtu', 'delay', 'jitter', 'loss', 'rate'];

function checkLink(spec: LabLinkSpec, place: string, nodes: readonly string[]): void {
  checkObject(spec, place, LINK_PROPERTIES, {
    latency: 'delay',
    bandwidth: 'rate',
    ends: 'between',
    interfaces: 'names',
  });
  const { between, addresses = [], names } = spec;
  if (!isPair(between))
    throw new InvalidOptionError('between', `${place}.between must be the names of two nodes, got ${shown(between)}`);
  for (const node of between) checkNode(node, `${place}.between`, nodes);
  if (between[0] === between[1])
    throw new InvalidOptionError('between', `${place}.between joins ${between[0]} with itself`);
  if (!Array.isArray(addresses) || addresses.length > 2)
    throw new InvalidOptionError(
      'addresses',
      `${place}.addresses must be a list for each end, in the order of between, got ${shown(addresses)}`,
    );
  for (const end of addresses) for (const address of listOf(end)) checkAddress(address, `${place}.addresses`);
  if (names !== undefined) {
    if (!isPair(names))
      throw new InvalidOptionError('names', `${place}.names must be the names of two interfaces, got ${shown(names)}`);
    for (const name of names)
      if (
        typeof name !== 'string' ||
        !INTERFACE_NAME.test(name) ||
        name === '.' ||
        name === '..' ||
        Buffer.byteLength(name) > MAX_INTERFACE_NAME_BYTES
      )
        throw new InvalidOptionError(
          'names',
          `${place}.names: ${shown(name)} cannot be the name of an interface: 1 to 15 bytes without spaces, "/" and ":"`,
        );
  }
  checkInteger(`${place}.mtu`, spec.mtu, 68, 65535);
  checkMilliseconds(`${place}.delay`, spec.delay);
  checkMilliseconds(`${place}.jitter`, spec.jitter);
  if ((spec.jitter ?? 0) > (spec.delay ?? 0))
    throw new InvalidOptionError(
      'jitter',
      `${place}.jitter (${spec.jitter} ms) must not be more than the delay (${spec.delay ?? 0} ms)`,
    );
  if (spec.loss !== undefined && !(typeof spec.loss === 'number' && spec.loss >= 0 && spec.loss <= 100))
    throw new InvalidOptionError(
      'loss',
      `${place}.loss must be a number from 0 to 100 (per cent), got ${shown(spec.loss)}`,
    );
  if (spec.rate !== undefined && !(typeof spec.rate === 'number' && spec.rate >= 1000 && spec.rate <= 1e12))
    throw new InvalidOptionError(
      'rate',
      `${place}.rate must be from 1000 to 1e12 bits per second, got ${shown(spec.rate)}`,
    );
}

function planNode(name: string, spec: LabNodeSpec, interfaces: readonly PlannedInterface[]): PlannedNode {
  const place = `nodes.${name}`;
  checkObject(spec, place, ['kind', 'addresses', 'routes', 'sysctls', 'services', 'processes'], {
    type: 'kind',
    gateway: 'routes',
    dns: 'services',
    sysctl: 'sysctls',
    run: 'processes',
  });
  if (!(KINDS as readonly unknown[]).includes(spec.kind))
    throw new InvalidOptionError('kind', `${place}.kind must be one of ${KINDS.join(', ')}, got ${shown(spec.kind)}`);
  const addresses = checkList(spec.addresses, `${place}.addresses`);
  for (const address of addresses) checkAddress(address, `${place}.addresses`);
  const services = spec.services ?? {};
  checkObject(services, `${place}.services`, ['dns'], {});
  return {
    name,
    kind: spec.kind,
    interfaces,
    addresses,
    routes: entriesOf(spec.routes, `${place}.routes`).map(([destination, gateway]) =>
      planRoute(destination, gateway, `${place}.routes`),
    ),
    sysctls: entriesOf(spec.sysctls, `${place}.sysctls`).map(([sysctl, value]) =>
      checkSysctl(sysctl, value, `${place}.sysctls`),
    ),
    dns: checkDns(services.dns, `${place}.services.dns`),
    processes: new Map(
      entriesOf(spec.processes, `${place}.processes`).map(([process, each]) => [
        process,
        checkProcess(each, `${place}.processes.${process}`),
      ]),
    ),
  };
}

function planRoute(destination: string, gateway: unknown, place: string): [string, string, string | undefined] {
  if (destination !== 'default') checkAddress(destination, place);
  const [address = '', zone] = typeof gateway === 'string' ? gateway.split('%') : [];
  if (isIP(address) === 0)
    throw new InvalidOptionError(
      'routes',
      `${place}['${destination}'] must be the address of a gateway, got ${shown(gateway)}`,
    );
  return [destination, address, zone];
}

function checkDns(dns: unknown, place: string): LabDnsSpec | undefined {
  if (typeof dns !== 'object' || dns === null) return checkBoolean(place, dns) === true ? {} : undefined;
  checkObject(dns, place, ['records', 'domain'], { hosts: 'records', search: 'domain' });
  const { records, domain = 'lab' }: LabDnsSpec = dns;
  checkDomainName(domain, `${place}.domain`);
  for (const [name, values] of entriesOf(records, `${place}.records`)) {
    checkDomainName(name, `${place}.records`);
    const list = listOf(values);
    for (const value of list) if (isIP(value) === 0) checkDomainName(value, `${place}.records['${name}']`);
    if (list.length > 1 && list.some((value) => isIP(value) === 0))
      throw new InvalidOptionError('records', `${place}.records['${name}'] must be addresses, or one other name`);
  }
  return dns;
}

function checkDomainName(name: unknown, place: string): void {
  if (typeof name !== 'string' || name.length > 253 || !/^[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?$/.test(name))
    throw new InvalidOptionError('dns', `${place}: ${shown(name)} is not a domain name`);
}

function checkProcess(spec: LabProcessSpec, place: string): LabProcessSpec {
  checkObject(spec, place, ['command', 'env', 'cwd', 'port'], {
    args: 'command',
    environment: 'env',
    directory: 'cwd',
  });
  const { command, port } = spec;
  if (
    !Array.isArray(command) ||
    command.length === 0 ||
    command.some((word) => typeof word !== 'string') ||
    command[0] === ''
  )
    throw new InvalidOptionError(
      'command',
      `${place}.command must be a program and its arguments, as in ['sleep', '1'], got ${shown(command)}`,
    );
  if (port !== undefined) checkPort(`${place}.port`, port);
  return spec;
}

function checkNat(spec: LabNatSpec, place: string, nodes: ReadonlyMap<string, PlannedNode>): void {
  checkObject(spec, place, ['router', 'towards', 'forward'], {
    node: 'router',
    out: 'towards',
    outside: 'towards',
    ports: 'forward',
  });
  const names = [...nodes.keys()];
  checkNode(spec.router, `${place}.router`, names);
  checkNode(spec.towards, `${place}.towards`, names);
  const router = nodes.get(spec.router);
  if (router?.kind !== 'router')
    throw new InvalidOptionError('router', `${place}.router: ${spec.router} is a ${router?.kind}, not a router`);
  if (!router.interfaces.some(({ peer }) => peer.node === spec.towards))
    throw new InvalidOptionError('towards', `${place}.towards: ${spec.router} has no link to ${spec.towards}`);
  for (const [index, forward] of checkList(spec.forward, `${place}.forward`).entries()) {
    const at = `${place}.forward[${index}]`;
    checkObject(forward, at, ['port', 'to', 'protocol'], { target: 'to', proto: 'protocol' });
    checkPort(`${at}.port`, forward.port);
    if (forward.protocol !== undefined && forward.protocol !== 'tcp' && forward.protocol !== 'udp')
      throw new InvalidOptionError('protocol', `${at}.protocol must be 'tcp' or 'udp', got ${shown(forward.protocol)}`);
    const [address = '', port] = typeof forward.to === 'string' ? forward.to.split(':') : [];
    if (!isIPv4(address) || !(Number(port) >= 1 && Number(port) <= 65535))
      throw new InvalidOptionError(
        'to',
        `${at}.to must be an IPv4 address and a port, such as '192.0.2.10:80', got ${shown(forward.to)}`,
      );
  }
}

function checkNode(node: unknown, place: string, nodes: readonly string[]): void {
  if (typeof node !== 'string')
    throw new InvalidOptionError(place, `${place} must be the name of a node, got ${shown(node)}`);
  checkKnownOptions({ [node]: undefined }, { callee: place, noun: 'node', names: nodes });
}

function checkAddress(address: unknown, place: string): void {
  if (typeof address !== 'string')
    throw new InvalidOptionError(place, `${place} must be addresses such as '192.0.2.1/24', got ${shown(address)}`);
  try {
    parseAddr(address);
  } catch (cause) {
    throw new InvalidOptionError(place, `${place}: ${(cause as Error).message}`, { cause });
  }
}

function checkObject(
  value: unknown,
  place: string,
  names: readonly string[],
  synonyms: Readonly<Record<string, string>>,
): asserts value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InvalidOptionError(place, `${place} must be an object, got ${shown(value)}`);
  checkKnownOptions(value, { callee: place, names, synonyms, noun: 'property' });
}

function checkList<T>(value: readonly T[] | undefined, place: string): readonly T[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new InvalidOptionError(place, `${place} must be a list, got ${shown(value)}`);
  return value;
}

function entriesOf<T>(value: Readonly<Record<string, T>> | undefined, place: string): [string, T][] {
  if (value === undefined) return [];
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InvalidOptionError(place, `${place} must be an object, got ${shown(value)}`);
  return Object.entries(value);
}

function isPair(value: unknown): value is readonly [unknown, unknown] {
  return Array.isArray(value) && value.length === 2;
}

/** One or several, as a list. */
export function listOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}
