import { checkInteger } from 'netns-core/checks';
import { propertiesOf } from '../../message/checks.js';
import { TC_PRIO_QOPT_SIZE } from '../../uapi/pkt-sched.js';
import type { QdiscKind } from './kind.js';
import { checkPriomap, readPriomap, writePriomap } from './priomap.js';

/** Bands, of which the first that has packets is always served; tc-prio(8). */
export interface PrioAttributes {
  readonly bands: number;
  /** For each of the sixteen priorities of packets the band that it goes to. */
  readonly priomap: readonly number[];
}

const properties = propertiesOf<PrioAttributes>({ bands: 'set', priomap: 'set' }, { map: 'priomap' });

const DEFAULT_BANDS = 3;
const MAX_BANDS = 16;
const DEFAULT_PRIOMAP = [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];

const read: NonNullable<QdiscKind<PrioAttributes>['read']> = (options, qdisc) => {
  qdisc.bands = options.u32At(0);
  qdisc.priomap = readPriomap(options);
};

export const prio: QdiscKind<PrioAttributes> = {
  kernelName: 'prio',
  properties,
  check({ bands, priomap }) {
    checkInteger('bands', bands, 2, MAX_BANDS);
    // With two bands the default map does not do.
    checkPriomap('priomap', priomap === undefined ? DEFAULT_PRIOMAP : priomap, bands ?? DEFAULT_BANDS);
  },
  write(writer, { bands = DEFAULT_BANDS, priomap = DEFAULT_PRIOMAP }) {
    writer.header(TC_PRIO_QOPT_SIZE, (view, at) => writePriomap(view, at, bands, priomap));
  },
  read,
};

/** Three bands by the priority of packets, what hardware with one queue has; nothing of it can be set. */
export const pfifoFast: QdiscKind<PrioAttributes> = { kernelName: 'pfifo_fast', properties, read };
