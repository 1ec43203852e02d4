import { named, type Spread, u8, u32 } from '../../message/fields.js';
import {
  GTP_ROLE_GGSN,
  GTP_ROLE_SGSN,
  IFLA_GTP_CREATE_SOCKETS,
  IFLA_GTP_FD0,
  IFLA_GTP_FD1,
  IFLA_GTP_PDP_HASHSIZE,
  IFLA_GTP_RESTART_COUNT,
  IFLA_GTP_ROLE,
} from '../../uapi/if-link-kinds.js';
import { kindOfFields } from './kind.js';

/**
 * The tunnels of mobile networks (GTP-U, 3GPP TS 29.281). All is set when it is made; the tunnels themselves, PDP contexts, are
 * not attributes of the link: the generic netlink family `gtp` has them.
 */
export interface GtpAttributes {
  /** Which end of the tunnels this is; `'ggsn'` if left out. */
  readonly role?: 'ggsn' | 'sgsn' | number;
  /** Number of buckets for tunnels; 1024 if left out. */
  readonly hashSize?: number;
  /** What is said about restarts to other ends that ask. */
  readonly restartCount?: number;
  /** File descriptor of a UDP socket for GTP version 0. Without one and without `fd1` the kernel makes both sockets. */
  readonly fd0?: number;
  /** The same for version 1. */
  readonly fd1?: number;
}

const MAX_FD = 0x7fffffff;
/** The kernel multiplies it by the size of a bucket. */
const MAX_HASH_SIZE = 131_071;

/** What asks the kernel to make the sockets. */
const sockets: Spread<GtpAttributes> = {
  properties: [],
  attributes: [],
  read() {},
  check() {},
  write(writer, { fd0, fd1 }) {
    if (fd0 === undefined && fd1 === undefined) writer.u8(IFLA_GTP_CREATE_SOCKETS, 1);
  },
};

/** `<linux/if_link.h>`, `IFLA_GTP_…` */
export const gtp = kindOfFields<GtpAttributes>(
  'gtp',
  {
    fd0: u32(IFLA_GTP_FD0, 0, MAX_FD),
    fd1: u32(IFLA_GTP_FD1, 0, MAX_FD),
    role: named(u32(IFLA_GTP_ROLE), { ggsn: GTP_ROLE_GGSN, sgsn: GTP_ROLE_SGSN }),
    hashSize: u32(IFLA_GTP_PDP_HASHSIZE, 1, MAX_HASH_SIZE),
    restartCount: u8(IFLA_GTP_RESTART_COUNT),
  },
  {
    first: [sockets],
    passedOver: [IFLA_GTP_CREATE_SOCKETS],
    synonyms: { hsize: 'hashSize', pdphashsize: 'hashSize', restart_count: 'restartCount' },
    addressLength: 0,
  },
);
