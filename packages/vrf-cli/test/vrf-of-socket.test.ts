import { expect, it } from 'vitest';
import type { HostLink, HostVrf } from '../src/host/read-host.ts';
import { vrfOfSocket } from '../src/host/vrf-of-socket.ts';

const link = (index: number, masterIndex?: number): HostLink =>
  // The cast: nothing else of a link matters here.
  ({ link: { index, ...(masterIndex !== undefined && { masterIndex }) }, addresses: [] }) as unknown as HostLink;
const vrf = (one: object, namespaceId: string): HostVrf =>
  // The cast: nor does anything else of a VRF.
  ({ vrf: one, namespaceId }) as HostVrf;

const host = {
  vrfs: [
    vrf({ name: 'default', kind: 'default' }, 'home'),
    vrf({ name: 'red', kind: 'namespace' }, 'other'),
    vrf({ name: 'blue', kind: 'device', ifindex: 3 }, 'home'),
  ],
};
const home = { id: 'home', links: [link(1), link(3), link(4, 3)] };

it.each([
  ['its namespace', { ifindex: 7 }, { id: 'other', links: [link(7)] }, 'red'],
  ['the VRF device that it is bound to', { ifindex: 3 }, home, 'blue'],
  ['the VRF device of the link that it is bound to', { ifindex: 4 }, home, 'blue'],
  ['the default VRF, bound to another link', { ifindex: 1 }, home, 'default'],
  ['the default VRF, unbound', {}, home, 'default'],
  ['none in a namespace without a VRF’s name', {}, { id: 'third', links: [] }, undefined],
])('the VRF of a socket is %s', (_what, socket, namespace, name) => {
  expect(vrfOfSocket(socket, namespace, host)).toBe(name);
});
