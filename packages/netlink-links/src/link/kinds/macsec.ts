import { InvalidOptionError } from 'netns-core';
import { checkBigint, mustBe } from '../../message/checks.js';
import { bool, type Field, type Fields, named, u8, u16be, u32 } from '../../message/fields.js';
import { withJson } from '../../message/json.js';
import {
  IFLA_MACSEC_CIPHER_SUITE,
  IFLA_MACSEC_ENCODING_SA,
  IFLA_MACSEC_ENCRYPT,
  IFLA_MACSEC_ES,
  IFLA_MACSEC_ICV_LEN,
  IFLA_MACSEC_INC_SCI,
  IFLA_MACSEC_OFFLOAD,
  IFLA_MACSEC_PAD,
  IFLA_MACSEC_PORT,
  IFLA_MACSEC_PROTECT,
  IFLA_MACSEC_REPLAY_PROTECT,
  IFLA_MACSEC_SCB,
  IFLA_MACSEC_SCI,
  IFLA_MACSEC_VALIDATION,
  IFLA_MACSEC_WINDOW,
  MACSEC_CIPHER_ID_GCM_AES_128,
  MACSEC_CIPHER_ID_GCM_AES_256,
  MACSEC_CIPHER_ID_GCM_AES_XPN_128,
  MACSEC_CIPHER_ID_GCM_AES_XPN_256,
  MACSEC_DEFAULT_CIPHER_ID,
} from '../../uapi/if-link-kinds.js';
import { kindOfFields, type LinkKind } from './kind.js';

/**
 * Encrypted Ethernet (IEEE 802.1AE) on top of another link, its `parent`; ip-macsec(8). Secure associations and their
 * keys are not attributes of the link: the generic netlink family `macsec` has them.
 */
export interface MacsecAttributes {
  /** Identifier of the secure channel: the hardware address and the port. One of it and `port` when it is made. */
  readonly sci?: bigint;
  /** The port of the identifier, whose address is that of the link below; the kernel tells `sci` instead. */
  readonly port?: number;
  /** How frames are encrypted; a bigint where the kernel has one without a name here. Only when it is made. */
  readonly cipher?: 'gcm-aes-128' | 'gcm-aes-256' | 'gcm-aes-xpn-128' | 'gcm-aes-xpn-256' | bigint;
  /** Bytes of the value that proves a frame, 8 to 16. Only when it is made. */
  readonly icvLength?: number;
  /** The secure association for sending, 0 to 3. */
  readonly encodingSa?: number;
  /** How many frames may come late; it needs `replayProtect`. */
  readonly window?: number;
  readonly encrypt?: boolean;
  readonly protect?: boolean;
  /** Whether frames carry the identifier. */
  readonly includeSci?: boolean;
  /** End station. */
  readonly es?: boolean;
  /** Single copy broadcast. */
  readonly scb?: boolean;
  readonly replayProtect?: boolean;
  readonly validate?: 'disabled' | 'check' | 'strict' | number;
  /** What does the work; `'off'` is the kernel. */
  readonly offload?: 'off' | 'phy' | 'mac' | number;
}

const CIPHERS = {
  'gcm-aes-128': MACSEC_CIPHER_ID_GCM_AES_128,
  'gcm-aes-256': MACSEC_CIPHER_ID_GCM_AES_256,
  'gcm-aes-xpn-128': MACSEC_CIPHER_ID_GCM_AES_XPN_128,
  'gcm-aes-xpn-256': MACSEC_CIPHER_ID_GCM_AES_XPN_256,
} as const;
const NAMES = new Map<bigint, keyof typeof CIPHERS>([
  [MACSEC_DEFAULT_CIPHER_ID, 'gcm-aes-128'],
  ...Object.entries(CIPHERS).map(([name, id]) => [id, name as keyof typeof CIPHERS] as const),
]);

const cipher: Field<keyof typeof CIPHERS | bigint> = {
  attribute: IFLA_MACSEC_CIPHER_SUITE,
  read(data) {
    const id = data.u64();
    return NAMES.get(id) ?? id;
  },
  check(property, value) {
    if (typeof value === 'bigint') checkBigint(property, value);
    else if (typeof value !== 'string' || !Object.hasOwn(CIPHERS, value))
      throw mustBe(property, `one of ${Object.keys(CIPHERS).join(', ')}, or a bigint`, value);
  },
  write: (writer, type, value) => void writer.u64(type, typeof value === 'bigint' ? value : CIPHERS[value]),
};

/** In network byte order. */
const sci: Field<bigint> = {
  attribute: IFLA_MACSEC_SCI,
  read: (data) => data.u64be(),
  check: checkBigint,
  write: (writer, type, value) => void writer.u64be(type, value),
};

const MIN_ICV_LENGTH = 8;
const MAX_ICV_LENGTH = 16;
const MAX_SA = 3;

/** `<linux/if_link.h>`, `IFLA_MACSEC_…` */
const fields: Fields<MacsecAttributes> = {
  sci,
  port: u16be(IFLA_MACSEC_PORT),
  encrypt: bool(IFLA_MACSEC_ENCRYPT),
  protect: bool(IFLA_MACSEC_PROTECT),
  includeSci: bool(IFLA_MACSEC_INC_SCI),
  es: bool(IFLA_MACSEC_ES),
  scb: bool(IFLA_MACSEC_SCB),
  offload: named(u8(IFLA_MACSEC_OFFLOAD), { off: 0, phy: 1, mac: 2 }),
  validate: named(u8(IFLA_MACSEC_VALIDATION), { disabled: 0, check: 1, strict: 2 }),
  cipher,
  icvLength: u8(IFLA_MACSEC_ICV_LEN, MIN_ICV_LENGTH, MAX_ICV_LENGTH),
  window: u32(IFLA_MACSEC_WINDOW),
  replayProtect: bool(IFLA_MACSEC_REPLAY_PROTECT),
  encodingSa: u8(IFLA_MACSEC_ENCODING_SA, 0, MAX_SA),
};

const plain = kindOfFields<MacsecAttributes>('macsec', fields, {
  hasParent: true,
  passedOver: [IFLA_MACSEC_PAD],
  synonyms: {
    send_sci: 'includeSci',
    end_station: 'es',
    replay: 'replayProtect',
    icvlen: 'icvLength',
    validation: 'validate',
  },
  check(link) {
    if (link.sci !== undefined && link.port !== undefined)
      throw new InvalidOptionError('port', 'port is a part of the identifier `sci`: give one of them, not both');
  },
});

export const macsec: LinkKind<MacsecAttributes> = {
  ...plain,
  read(data, link) {
    plain.read(data, link);
    withJson(link);
  },
};
