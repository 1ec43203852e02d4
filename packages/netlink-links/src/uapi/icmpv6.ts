/** `<linux/icmpv6.h>`: preferences of routers (RFC 4191), signed two-bit numbers. */

export const ICMPV6_ROUTER_PREF_MEDIUM = 0;
export const ICMPV6_ROUTER_PREF_HIGH = 1;
export const ICMPV6_ROUTER_PREF_LOW = 3;
