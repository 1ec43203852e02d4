// Two VRFs with the same addresses, each with a neighbour on a wire of its own. Made with netlink-links, so that
// nothing but Node is needed.
import { addrAdd, linkAdd, linkByName, linkSetUp } from 'netlink-links';
import { addNamed, deleteNamed, resolveNamespace, runInNamespace } from 'netns-core';

export const COLOURS = ['red', 'blue'];
export const VRF_ADDRESS = '192.0.2.1';
export const NEIGHBOUR_ADDRESS = '192.0.2.2';
export const PORT = 8080;

export const vrfNamespace = (colour) => `ns-${colour}`;
export const neighbourNamespace = (colour) => `host-${colour}`;

export const picture = `
                    one Node process
     ┌──────────────────────┴──────────────────────┐
  VRF red (ns-red)                     VRF blue (ns-blue)
  ${VRF_ADDRESS}:${PORT}                       ${VRF_ADDRESS}:${PORT}
     │ eth0                                        │ eth0
     │                                             │
     │ eth0                                        │ eth0
  host-red                             host-blue
  ${NEIGHBOUR_ADDRESS}:${PORT}                       ${NEIGHBOUR_ADDRESS}:${PORT}
`;

/** Makes a VRF's namespace and wires it to its neighbour, which must be there. */
export function makeVrf(colour) {
  const vrf = vrfNamespace(colour);
  const neighbour = neighbourNamespace(colour);
  addNamed(vrf).close();
  const there = resolveNamespace(neighbour);
  try {
    runInNamespace(vrf, () => {
      linkSetUp('lo');
      linkAdd({ type: 'veth', name: 'eth0', peer: { name: 'eth0', netnsFd: there.fd } });
      addrAdd('eth0', `${VRF_ADDRESS}/24`);
      linkSetUp('eth0');
    });
  } finally {
    there.close();
  }
  runInNamespace(neighbour, () => {
    addrAdd('eth0', `${NEIGHBOUR_ADDRESS}/24`);
    linkSetUp('eth0');
  });
}

export function makeNeighbour(colour) {
  addNamed(neighbourNamespace(colour)).close();
  runInNamespace(neighbourNamespace(colour), () => linkSetUp('lo'));
}

/** Whether a neighbour's end of the wire is still there: it goes with the VRF's namespace. */
export function isWired(colour) {
  try {
    return runInNamespace(neighbourNamespace(colour), () => linkByName('eth0')) !== undefined;
  } catch {
    return false;
  }
}

export function removeVrf(colour) {
  deleteNamed(vrfNamespace(colour));
}
