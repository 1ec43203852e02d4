import { propertiesOf } from '../../message/checks.js';
import type { MaskedNumber } from '../../message/masked-number.js';
import { NamedNumbers } from '../../message/named-numbers.js';
import {
  TCA_FLOWER_KEY_ARP_OP,
  TCA_FLOWER_KEY_ARP_OP_MASK,
  TCA_FLOWER_KEY_ARP_SHA,
  TCA_FLOWER_KEY_ARP_SHA_MASK,
  TCA_FLOWER_KEY_ARP_SIP,
  TCA_FLOWER_KEY_ARP_SIP_MASK,
  TCA_FLOWER_KEY_ARP_THA,
  TCA_FLOWER_KEY_ARP_THA_MASK,
  TCA_FLOWER_KEY_ARP_TIP,
  TCA_FLOWER_KEY_ARP_TIP_MASK,
} from '../../uapi/pkt-cls.js';
import { type FlowerKey, macKey, networkKey, numberKey } from './flower-keys.js';
import { type FlowerPart, partOfKeys } from './flower-part.js';

/** What an ARP message asks or tells. */
export type FlowerArpOperation = 'request' | 'reply' | MaskedNumber;

/** What an ARP message, or one of RARP, says. */
export interface FlowerArp {
  readonly operation?: FlowerArpOperation | undefined;
  /** IPv4 addresses or networks. */
  readonly senderIp?: string | undefined;
  readonly targetIp?: string | undefined;
  /** Addresses, with a mask behind a slash if not all of it counts. */
  readonly senderMac?: string | undefined;
  readonly targetMac?: string | undefined;
}

/** `ARPOP_…` of `<linux/if_arp.h>` */
const operations = new NamedNumbers<'request' | 'reply'>('operation', { request: 1, reply: 2 });
const number = numberKey(TCA_FLOWER_KEY_ARP_OP, TCA_FLOWER_KEY_ARP_OP_MASK, 8);

const operation: FlowerKey<FlowerArpOperation> = {
  attributes: number.attributes,
  check(property, value) {
    if (typeof value === 'string') operations.number(value as 'request', property);
    else number.check(property, value);
  },
  write: (writer, value) => number.write(writer, typeof value === 'string' ? operations.number(value) : value),
  value: (data) => operations.name(data.u8()),
  masked(value, data) {
    if (typeof value === 'object') return undefined;
    return data.u8() === 0xff ? value : number.masked(operations.number(value), data);
  },
};

const ARP = 0x0806;
const RARP = 0x8035;

export const flowerArp: FlowerPart<FlowerArp> = partOfKeys<FlowerArp>(
  {
    senderIp: networkKey({ value: TCA_FLOWER_KEY_ARP_SIP, mask: TCA_FLOWER_KEY_ARP_SIP_MASK }),
    targetIp: networkKey({ value: TCA_FLOWER_KEY_ARP_TIP, mask: TCA_FLOWER_KEY_ARP_TIP_MASK }),
    operation,
    senderMac: macKey(TCA_FLOWER_KEY_ARP_SHA, TCA_FLOWER_KEY_ARP_SHA_MASK),
    targetMac: macKey(TCA_FLOWER_KEY_ARP_THA, TCA_FLOWER_KEY_ARP_THA_MASK),
  },
  {
    protocols: [ARP, RARP],
    properties: propertiesOf<FlowerArp>(
      { operation: 'set', senderIp: 'set', targetIp: 'set', senderMac: 'set', targetMac: 'set' },
      { op: 'operation', sip: 'senderIp', tip: 'targetIp', sha: 'senderMac', tha: 'targetMac' },
    ),
  },
);
