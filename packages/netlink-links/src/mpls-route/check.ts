import { InvalidOptionError } from 'netns-core';
import { checkBoolean, checkInteger } from 'netns-core/checks';
import { AF_INET, AF_INET6, AF_PACKET } from 'netns-core/sys';
import { checkLabels, MAX_LABEL } from '../encap/mpls.js';
import { checkArray, checkProperties, mustBe, propertiesOf } from '../message/checks.js';
import { isEthernetAddress, parseHardwareAddress } from '../message/hardware-address.js';
import { parseIpAddress } from '../message/ip-address.js';
import { checkUnknown, type UnknownAttribute } from '../message/unknown-attribute.js';
import type { OperationIdentity } from '../operation/errors.js';
import { checkOptionalLink, describeLink, resolveLinkIndex } from '../operation/link-reference.js';
import type { Program } from '../operation/operation.js';
import { routeFlagMask, routeProtocols } from '../route/numbers.js';
import { MPLS_LABEL_FIRST_UNRESERVED } from '../uapi/mpls.js';
import { RTPROT_BOOT } from '../uapi/route.js';
import type { MplsNexthop, MplsRoute } from './mpls-route.js';
import type { MplsNexthopSpec, MplsRouteSpec, MplsWaySpec } from './spec.js';

const SYNONYMS = { as: 'swapTo', to: 'swapTo', newdst: 'swapTo', gateway: 'via', gw: 'via', dev: 'oif', link: 'oif' };

const ROUTE_PROPERTIES = propertiesOf<MplsRouteSpec, MplsRoute>(
  {
    label: 'set',
    swapTo: 'set',
    via: 'set',
    oif: 'set',
    nexthops: 'set',
    protocol: 'set',
    ttlPropagate: 'set',
    unknown: 'set',
    flags: 'told',
  },
  { ...SYNONYMS, dst: 'label', proto: 'protocol', nexthop: 'nexthops' },
);

const NEXTHOP_PROPERTIES = propertiesOf<MplsNexthopSpec, MplsNexthop>(
  { swapTo: 'set', via: 'set', oif: 'set', weight: 'set', flags: 'set', unknown: 'set' },
  SYNONYMS,
);

/** A route whose values were checked. */
export interface CheckedMplsRoute<Link = string | number> {
  readonly label: number;
  readonly protocol: number;
  readonly ttlPropagate: boolean | undefined;
  readonly way: CheckedMplsWay<Link>;
  readonly nexthops: readonly CheckedMplsNexthop<Link>[] | undefined;
}

/** Where packets go next. @typeParam Link a name that is still to be looked up, or an index */
export interface CheckedMplsWay<Link> {
  readonly swapTo: readonly number[] | undefined;
  readonly via: { readonly family: number; readonly address: Uint8Array } | undefined;
  readonly oif: Link | undefined;
  readonly unknown: readonly UnknownAttribute[];
}

type CheckedMplsNexthop<Link> = CheckedMplsWay<Link> & { readonly weight: number; readonly flags: number };

function checkVia(via: string | undefined, property: string): CheckedMplsWay<never>['via'] {
  if (via === undefined) return undefined;
  if (typeof via === 'string' && isEthernetAddress(via))
    return { family: AF_PACKET, address: parseHardwareAddress(via, undefined, property) };
  const address = parseIpAddress(via, property);
  return { family: address.length === 4 ? AF_INET : AF_INET6, address };
}

/** @param prefixed what stands before the property in an error: `'nexthops[0].'`, or nothing */
function checkWay({ swapTo, via, oif, unknown }: MplsWaySpec, prefixed: string): CheckedMplsWay<string | number> {
  if (swapTo !== undefined) checkLabels(`${prefixed}swapTo`, swapTo);
  checkUnknown(unknown, `${prefixed}unknown`);
  return {
    swapTo: swapTo === undefined ? undefined : [...swapTo],
    via: checkVia(via, `${prefixed}via`),
    oif: checkOptionalLink(oif, `${prefixed}oif`),
    unknown: unknown ?? [],
  };
}

/** The way or the ways of a route; one read with an attribute that is not known here may have it there. */
function checkWays(spec: MplsRouteSpec, removing: boolean): Pick<CheckedMplsRoute, 'way' | 'nexthops'> {
  const { nexthops } = spec;
  const way = checkWay(spec, '');
  checkArray('nexthops', nexthops, 'next hops');
  if (nexthops === undefined) {
    if (!removing && way.via === undefined && way.oif === undefined && way.unknown.length === 0)
      throw new InvalidOptionError('via', 'a route of MPLS needs a way: `via`, `oif` or `nexthops`');
    return { way, nexthops };
  }
  if (nexthops.length === 0) throw mustBe('nexthops', 'an array of at least one next hop', nexthops);
  if (way.via !== undefined || way.oif !== undefined || way.swapTo !== undefined)
    throw new InvalidOptionError(
      'nexthops',
      'a route has either `nexthops` or one `via`, `oif` and `swapTo`, not both',
    );
  return {
    way,
    nexthops: nexthops.map((nexthop, index) => {
      const prefixed = `nexthops[${index}].`;
      checkProperties(nexthop, `nexthops[${index}]`, NEXTHOP_PROPERTIES);
      const { weight = 1, flags = [] } = nexthop;
      checkInteger(`${prefixed}weight`, weight, 1, 256);
      return {
        ...checkWay(nexthop, prefixed),
        weight,
        flags: routeFlagMask(flags, `${prefixed}flags`, true),
      };
    }),
  };
}

/**
 * Checks a route of MPLS before anything is sent.
 *
 * @param removing the label is enough then
 * @throws InvalidOptionError
 */
export function checkMplsRoute(callee: string, spec: MplsRouteSpec, removing: boolean): CheckedMplsRoute {
  checkProperties(spec, callee, ROUTE_PROPERTIES);
  const { label, protocol, ttlPropagate } = spec;
  if (label === undefined) throw new InvalidOptionError('label', `${callee} needs a \`label\``);
  checkInteger('label', label, MPLS_LABEL_FIRST_UNRESERVED, MAX_LABEL);
  checkBoolean('ttlPropagate', ttlPropagate);
  return {
    label,
    protocol: protocol === undefined ? RTPROT_BOOT : routeProtocols.number(protocol),
    ttlPropagate,
    ...checkWays(spec, removing),
  };
}

/** How a route reads in an error: `100 as 200 via 192.0.2.1`. */
export function describeMplsRoute({ label, swapTo, via, oif, nexthops }: MplsRouteSpec): string {
  const words = [String(label)];
  if (swapTo !== undefined) words.push(`as ${swapTo.join('/')}`);
  if (via !== undefined) words.push(`via ${via}`);
  else if (oif !== undefined) words.push(`dev ${describeLink(oif)}`);
  for (const nexthop of nexthops ?? [])
    words.push(`nexthop ${nexthop.via ?? (nexthop.oif === undefined ? '' : `dev ${describeLink(nexthop.oif)}`)}`);
  return words.join(' ');
}

/** The same route with the names of its links looked up. */
export function* resolveMplsRoute(
  identity: OperationIdentity,
  route: CheckedMplsRoute,
): Program<CheckedMplsRoute<number>> {
  function* resolve<W extends CheckedMplsWay<string | number>>(way: W): Program<W & CheckedMplsWay<number>> {
    return { ...way, oif: way.oif === undefined ? undefined : yield* resolveLinkIndex(identity, way.oif) };
  }
  const nexthops: CheckedMplsNexthop<number>[] = [];
  for (const nexthop of route.nexthops ?? []) nexthops.push(yield* resolve(nexthop));
  return { ...route, way: yield* resolve(route.way), nexthops: route.nexthops === undefined ? undefined : nexthops };
}

/** Whether no name of a link has to be looked up. */
export function isResolved(route: CheckedMplsRoute): route is CheckedMplsRoute<number> {
  return [route.way, ...(route.nexthops ?? [])].every(({ oif }) => typeof oif !== 'string');
}
