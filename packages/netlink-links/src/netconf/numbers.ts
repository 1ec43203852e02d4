import { AF_INET, AF_INET6 } from 'netns-core/sys';
import { NamedNumbers } from '../message/named-numbers.js';
import { AF_MPLS } from '../uapi/mpls.js';
import type { NetconfFamily } from './netconf.js';

export const netconfFamilies = new NamedNumbers<NetconfFamily>('family', {
  ipv4: AF_INET,
  ipv6: AF_INET6,
  mpls: AF_MPLS,
});

/** As `ip netconf` calls them; the numbers are those of `sysctl`. */
export const rpFilters = new NamedNumbers<'off' | 'strict' | 'loose'>('rpFilter', { off: 0, strict: 1, loose: 2 });
