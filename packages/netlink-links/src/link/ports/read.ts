import type { AttributeReader } from '../../message/attribute-reader.js';
import { type LinkPort, PORT_KINDS } from './index.js';

const NO_DATA = new Uint8Array(0);

/**
 * Reads what a link is as a port.
 *
 * @param kind of its master, as the kernel calls it
 * @param data `undefined` where the kernel sent none
 */
export function readPort(kind: string, data: AttributeReader | undefined): LinkPort {
  if (kind !== 'bridge' && kind !== 'bond' && kind !== 'vrf')
    return { type: 'generic', kind, data: data?.rest() ?? NO_DATA };
  const port: Record<string, unknown> = { type: kind };
  if (data !== undefined) PORT_KINDS[kind].read(data, port);
  // The cast: the reader of the kind has filled it.
  return port as unknown as LinkPort;
}
