import type { AttributeReader } from '../message/attribute-reader.js';
import type { Mutable } from '../message/mutable.js';
import { keepUnknown, readInside, type WithUnknown } from '../message/unknown-attribute.js';
import type { LinkReference } from '../operation/link-reference.js';
import type { Operation } from '../operation/operation.js';
import {
  ETHTOOL_A_TSINFO_PHC_INDEX,
  ETHTOOL_A_TSINFO_RX_FILTERS,
  ETHTOOL_A_TSINFO_TIMESTAMPING,
  ETHTOOL_A_TSINFO_TX_TYPES,
  ETHTOOL_MSG_TSINFO_GET,
} from '../uapi/ethtool-netlink.js';
import { readBitset, setBits } from './bitset.js';
import { askDevice, ethtoolOperation, ethtoolSubject, HEADER } from './request.js';

/** Which timestamps a device can make; `ethtool -T`. Names are those of the kernel. */
export interface EthtoolTimestamping extends WithUnknown {
  /** `'software-transmit'`, `'hardware-receive'`, … */
  readonly capabilities: readonly string[];
  /** Packets that can be stamped when they are sent; `'off'` and `'on'` say that it can be chosen. */
  readonly txTypes: readonly string[];
  /** Packets that can be stamped when they arrive. */
  readonly rxFilters: readonly string[];
  /** The hardware's clock is `/dev/ptpN`; absent where it has none. */
  readonly clockIndex?: number;
}

export function readTimestamping(attributes: AttributeReader): EthtoolTimestamping {
  const read: Mutable<EthtoolTimestamping> = { capabilities: [], txTypes: [], rxFilters: [] };
  while (attributes.next())
    switch (attributes.type) {
      case ETHTOOL_A_TSINFO_TIMESTAMPING:
        readInside(attributes, read, (set, notKnown) => {
          read.capabilities = setBits(readBitset(set, [], notKnown));
        });
        break;
      case ETHTOOL_A_TSINFO_TX_TYPES:
        readInside(attributes, read, (set, notKnown) => {
          read.txTypes = setBits(readBitset(set, [], notKnown));
        });
        break;
      case ETHTOOL_A_TSINFO_RX_FILTERS:
        readInside(attributes, read, (set, notKnown) => {
          read.rxFilters = setBits(readBitset(set, [], notKnown));
        });
        break;
      case ETHTOOL_A_TSINFO_PHC_INDEX:
        read.clockIndex = attributes.u32();
        break;
      case HEADER:
        break;
      default:
        keepUnknown(attributes, read);
    }
  return read;
}

/**
 * Reads which timestamps a device can make.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function ethtoolTimestampingGet(link: LinkReference): Operation<EthtoolTimestamping> {
  const subject = ethtoolSubject('ethtoolTimestampingGet', 'read the timestamping of', link);
  return ethtoolOperation(subject, (family) =>
    askDevice(family, ETHTOOL_MSG_TSINFO_GET, subject.reference, readTimestamping),
  );
}
