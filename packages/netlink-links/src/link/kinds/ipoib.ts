import { checkBoolean } from 'netns-core/checks';
import { type Field, named, u16 } from '../../message/fields.js';
import {
  IFLA_IPOIB_MODE,
  IFLA_IPOIB_PKEY,
  IFLA_IPOIB_UMCAST,
  IPOIB_MODE_CONNECTED,
  IPOIB_MODE_DATAGRAM,
} from '../../uapi/if-link-kinds.js';
import { kindOfFields } from './kind.js';

/** IP over InfiniBand, in one partition of another such link, its `parent`. */
export interface IpoibAttributes {
  /** The key of the partition, 0x8001 to 0xffff; only when it is made. */
  readonly pkey?: number;
  readonly mode?: 'datagram' | 'connected' | number;
  /** Whether multicast groups may be joined by programs. */
  readonly umcast?: boolean;
}

const INFINIBAND_ADDRESS_LENGTH = 20;

/** 16 bits, 0 or 1. */
const bool16 = (attribute: number): Field<boolean> => ({
  attribute,
  read: (data) => data.u16() !== 0,
  check: (property, value) => void checkBoolean(property, value),
  write: (writer, type, value) => void writer.u16(type, value ? 1 : 0),
});

/** `<linux/if_link.h>`, `IFLA_IPOIB_…` */
export const ipoib = kindOfFields<IpoibAttributes>(
  'ipoib',
  {
    pkey: u16(IFLA_IPOIB_PKEY),
    mode: named(u16(IFLA_IPOIB_MODE), { datagram: IPOIB_MODE_DATAGRAM, connected: IPOIB_MODE_CONNECTED }),
    umcast: bool16(IFLA_IPOIB_UMCAST),
  },
  { hasParent: true, addressLength: INFINIBAND_ADDRESS_LENGTH },
);
