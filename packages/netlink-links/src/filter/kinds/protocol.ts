import { NamedNumbers } from '../../message/named-numbers.js';

/** The protocol of the packets that a filter looks at: an EtherType, or `'all'`. */
export type FilterProtocol = 'all' | 'ip' | 'ipv6' | 'arp' | '802.1q' | '802.1ad' | 'mpls' | number;

/** `ETH_P_…` of `<linux/if_ether.h>` */
export const filterProtocols = new NamedNumbers<Exclude<FilterProtocol, number>>(
  'protocol',
  { all: 0x0003, ip: 0x0800, arp: 0x0806, '802.1q': 0x8100, ipv6: 0x86dd, mpls: 0x8847, '802.1ad': 0x88a8 },
  0xffff,
);
