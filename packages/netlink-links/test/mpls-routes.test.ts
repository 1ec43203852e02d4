import type { MplsRoute, MplsRouteSpec, Operation } from 'netlink-links';
import { mplsRouteAdd, mplsRouteDel, mplsRouteList, mplsRouteReplace } from 'netlink-links/operations';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ip, ipJson } from '#testkit';
import { MessageBytes } from '../src/message/message-bytes.ts';
import { readMplsRoute } from '../src/mpls-route/read.ts';
import { ours, sentBy } from './sent-by.ts';

let v0 = 0;
let v1 = 0;
beforeAll(() => {
  ip('link add v0 type veth peer name v1');
  v0 = Number(ipJson('link show v0')[0]?.ifindex);
  v1 = Number(ipJson('link show v1')[0]?.ifindex);
});
afterAll(() => void ip('link del v1'));

/** What the reader makes of the message of an operation. */
function asRead(operation: Operation<void>): MplsRoute | undefined {
  const bytes = MessageBytes.from(Buffer.from(ours(operation), 'hex'));
  const route = readMplsRoute(bytes, 16, bytes.view.getUint32(0, true));
  expect(bytes.error).toBeUndefined();
  return route;
}

const cases: readonly (readonly [string, () => MplsRouteSpec])[] = [
  ['100 as 200 via inet 192.0.2.9 dev v0', () => ({ label: 100, swapTo: [200], via: '192.0.2.9', oif: v0 })],
  [
    '100 as to 200/300/1048575 via inet 192.0.2.9',
    () => ({ label: 100, swapTo: [200, 300, 1_048_575], via: '192.0.2.9' }),
  ],
  ['16 via inet6 2001:db8::9 dev v0', () => ({ label: 16, via: '2001:db8::9', oif: v0 })],
  ['17 via link 02:00:00:00:00:09 dev v0', () => ({ label: 17, via: '02:00:00:00:00:09', oif: v0 })],
  ['1048575 dev lo', () => ({ label: 1_048_575, oif: 1 })],
  ['18 via inet 192.0.2.9 proto bgp', () => ({ label: 18, via: '192.0.2.9', protocol: 'bgp' })],
  ['19 via inet 192.0.2.9 ttl-propagate enabled', () => ({ label: 19, via: '192.0.2.9', ttlPropagate: true })],
  ['19 via inet 192.0.2.9 ttl-propagate disabled', () => ({ label: 19, via: '192.0.2.9', ttlPropagate: false })],
  [
    '20 nexthop as 200 via inet 192.0.2.9 dev v0 nexthop via inet6 2001:db8::9 dev v1',
    () => ({
      label: 20,
      nexthops: [
        { swapTo: [200], via: '192.0.2.9', oif: v0 },
        { via: '2001:db8::9', oif: v1 },
      ],
    }),
  ],
];

describe('routes of MPLS, byte for byte what ip sends', () => {
  it.each(cases)('add %s', (line, spec) => {
    expect(ours(mplsRouteAdd(spec()))).toBe(sentBy('ip', `-f mpls route add ${line}`)[0]);
    expect(asRead(mplsRouteAdd(spec()))).toMatchObject(spec());
  });

  it.each(cases)('replace %s', (line, spec) => {
    expect(ours(mplsRouteReplace(spec()))).toBe(sentBy('ip', `-f mpls route replace ${line}`)[0]);
  });

  it('del', () => {
    const [sent] = sentBy('ip', '-f mpls route del 100');
    expect(ours(mplsRouteDel({ label: 100 }))).toBe(sent);
    expect(ours(mplsRouteDel({ label: 100, swapTo: [200], via: '192.0.2.9', oif: 'v0' }))).toBe(sent);
  });
});

it('a route with what this package does not know is written as it was read', () => {
  const unknown = [{ attribute: 200, data: Uint8Array.of(1, 2, 3, 4) }];
  const read = asRead(mplsRouteAdd({ label: 100, swapTo: [200], via: '192.0.2.9', oif: v0, unknown }));
  expect(read).toEqual({
    label: 100,
    swapTo: [200],
    via: '192.0.2.9',
    oif: v0,
    protocol: 'boot',
    flags: [],
    unknown,
  });
  expect(asRead(mplsRouteAdd(read as MplsRoute))).toEqual(read);
  // An address of a family, and a label with a time to live, that cannot be written by name.
  const odd = [
    { attribute: 18, data: Uint8Array.of(99, 0, 1, 2) },
    { attribute: 19, data: Uint8Array.of(0, 0x0c, 0x81, 7) },
  ];
  expect(asRead(mplsRouteAdd({ label: 100, unknown: odd }))).toMatchObject({ label: 100, unknown: odd });
});

describe('routes of MPLS that cannot be', () => {
  const WAY = { via: '192.0.2.9' };
  it.each<[string, unknown, RegExp]>([
    ['no label', { ...WAY }, /^mplsRouteAdd needs a `label`$/],
    ['a reserved label', { label: 15, ...WAY }, /^label must be an integer from 16 to 1048575, got 15$/],
    ['a label of more than 20 bits', { label: 2 ** 20, ...WAY }, /^label must be an integer from 16 to 1048575/],
    ['no way', { label: 16 }, /^a route of MPLS needs a way: `via`, `oif` or `nexthops`$/],
    ['two ways', { label: 16, ...WAY, nexthops: [WAY] }, /^a route has either `nexthops` or one `via`/],
    ['no next hop', { label: 16, nexthops: [] }, /^nexthops must be an array of at least one next hop/],
    ['implicit null', { label: 16, ...WAY, swapTo: [3] }, /^swapTo cannot have the label 3/],
    ['no labels to swap to', { label: 16, ...WAY, swapTo: [] }, /^swapTo must be an array of 1 to 30 labels/],
    ['no address', { label: 16, via: 'x' }, /^invalid via 'x'/],
    ['a word of ip', { label: 16, ...WAY, as: [5] }, /swapTo/],
    ['a misspelt property', { label: 16, ...WAY, ttlPropagat: true }, /ttlPropagate/],
    ['a weight of 0', { label: 16, nexthops: [{ ...WAY, weight: 0 }] }, /^nexthops\[0\]\.weight must be/],
  ])('%s', (_, spec, message) => {
    expect(() => mplsRouteAdd(spec as MplsRouteSpec)).toThrow(message);
  });
});

it('there are none where the kernel lacks MPLS', () => {
  expect(mplsRouteList().description).toBe('list the MPLS routes');
  expect(mplsRouteAdd({ label: 16, via: '192.0.2.9' }).description).toBe('add MPLS route 16 via 192.0.2.9');
});
