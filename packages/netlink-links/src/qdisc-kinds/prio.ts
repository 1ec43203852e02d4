import { NetnsError } from 'netns-core';
import { checkInteger } from '../codec/checked-number.js';
import { LITTLE_ENDIAN } from '../codec/endianness.js';
import { propertiesOf } from '../codec/properties.js';
import type { QdiscKind } from './kind.js';

/** Bands, of which the first that has packets is always served; tc-prio(8). */
export interface PrioAttributes {
  bands: number;
  /** For each of the sixteen priorities of packets the band that it goes to. */
  priomap: readonly number[];
}

const properties = propertiesOf<PrioAttributes>({ bands: 'set', priomap: 'set' }, { map: 'priomap' });

/** `struct tc_prio_qopt`: bands (u32), and a band (u8) for each priority. */
const TC_PRIO_QOPT_SIZE = 20;
const PRIORITIES = 16;
const USUAL_MAP = [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];

function decode(
  options: Parameters<NonNullable<QdiscKind<PrioAttributes>['decode']>>[0],
  qdisc: Partial<PrioAttributes>,
) {
  qdisc.bands = options.u32At(0);
  qdisc.priomap = Array.from({ length: PRIORITIES }, (_, priority) => options.u8At(4 + priority));
}

export const prio: QdiscKind<PrioAttributes> = {
  kernelName: 'prio',
  properties,
  encode(writer, { bands = 3, priomap = USUAL_MAP }) {
    checkInteger('number of bands', bands, 2, PRIORITIES);
    if (priomap.length !== PRIORITIES)
      throw new NetnsError(`a priomap of ${priomap.length} is no priomap: there are ${PRIORITIES} priorities`, {
        code: 'ERR_INVALID_ARGUMENT',
      });
    for (const band of priomap) checkInteger('band in the priomap', band, 0, bands - 1);
    writer.header(TC_PRIO_QOPT_SIZE, (view, at) => {
      view.setUint32(at, bands, LITTLE_ENDIAN);
      for (const [priority, band] of priomap.entries()) view.setUint8(at + 4 + priority, band);
    });
  },
  decode,
};

/** Three bands by the priority of packets, what hardware with one queue has; nothing of it can be set. */
export const pfifoFast: QdiscKind<PrioAttributes> = { kernelName: 'pfifo_fast', properties, decode };
