import { InvalidOptionError } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import { mustBe } from '../../message/checks.js';
import { named, readOnly, type Spread, u8, u16, u32 } from '../../message/fields.js';
import {
  HSR_PROTOCOL_HSR,
  HSR_PROTOCOL_PRP,
  IFLA_HSR_INTERLINK,
  IFLA_HSR_MULTICAST_SPEC,
  IFLA_HSR_PROTOCOL,
  IFLA_HSR_SEQ_NR,
  IFLA_HSR_SLAVE1,
  IFLA_HSR_SLAVE2,
  IFLA_HSR_SUPERVISION_ADDR,
  IFLA_HSR_VERSION,
} from '../../uapi/if-link-kinds.js';
import { kindOfFields } from './kind.js';

/** Sends every frame through two links, so that one can fail: HSR and PRP (IEC 62439-3). All is set when it is made. */
export interface HsrAttributes {
  /** The indexes of the two links. */
  readonly ports?: readonly [number, number];
  /** The last byte of the address that supervision frames are sent to; 0 if left out. */
  readonly supervision?: number;
  /** The version of HSR, 0 or 1; 0 if left out. The kernel does not tell it. */
  readonly version?: number;
  /** `'hsr'` if left out. */
  readonly proto?: 'hsr' | 'prp' | number;
  /** The index of the link to another ring (a RedBox); Linux 6.11. */
  readonly interlinkIndex?: number;
  /** Told: the address that supervision frames are sent to. */
  readonly supervisionAddress?: string;
  /** Told: the number of the next frame. */
  readonly sequenceNumber?: number;
}

const ports: Spread<HsrAttributes> = {
  properties: ['ports'],
  attributes: [IFLA_HSR_SLAVE1, IFLA_HSR_SLAVE2],
  read(data, into) {
    const [first, second] = into.ports ?? [0, 0];
    into.ports = data.type === IFLA_HSR_SLAVE1 ? [data.u32(), second] : [first, data.u32()];
  },
  check({ ports: both }) {
    if (both === undefined) return;
    if (!Array.isArray(both) || both.length !== 2) throw mustBe('ports', 'the indexes of two links', both);
    for (const [at, index] of both.entries()) {
      if (index === undefined) throw mustBe(`ports[${at}]`, 'the index of a link', index);
      checkInteger(`ports[${at}]`, index, 1, 0x7fffffff);
    }
  },
  write(writer, { ports: both }) {
    if (both !== undefined) writer.u32(IFLA_HSR_SLAVE1, both[0]).u32(IFLA_HSR_SLAVE2, both[1]);
  },
};

/** The kernel takes the last byte of the address, and tells the address. */
const supervision: Spread<HsrAttributes> = {
  properties: ['supervision', 'supervisionAddress'],
  attributes: [IFLA_HSR_SUPERVISION_ADDR],
  read(data, into) {
    into.supervisionAddress = data.hardwareAddress();
    into.supervision = data.u8At(data.length - 1);
  },
  check: (link) => checkInteger('supervision', link.supervision, 0, 0xff),
  write(writer, link) {
    if (link.supervision !== undefined) writer.u8(IFLA_HSR_MULTICAST_SPEC, link.supervision);
  },
};

/** `<linux/if_link.h>`, `IFLA_HSR_…` */
export const hsr = kindOfFields<HsrAttributes>(
  'hsr',
  {
    version: u8(IFLA_HSR_VERSION),
    proto: named(u8(IFLA_HSR_PROTOCOL), { hsr: HSR_PROTOCOL_HSR, prp: HSR_PROTOCOL_PRP }),
    interlinkIndex: u32(IFLA_HSR_INTERLINK),
    sequenceNumber: readOnly(u16(IFLA_HSR_SEQ_NR)),
  },
  {
    first: [ports, supervision],
    toldBeside: ['supervisionAddress'],
    synonyms: { slave1: 'ports', slave2: 'ports', protocol: 'proto', interlink: 'interlinkIndex' },
    check({ version, proto }) {
      if (version !== undefined && proto === 'prp')
        throw new InvalidOptionError('version', 'version is that of HSR: leave it out where proto is prp');
    },
  },
);
