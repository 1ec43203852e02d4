/** Record types of RFC 1035, 2782, 3596, 6891 and 8659 that are read here. */
export const TYPE_A = 1;
export const TYPE_NS = 2;
export const TYPE_CNAME = 5;
export const TYPE_SOA = 6;
export const TYPE_PTR = 12;
export const TYPE_MX = 15;
export const TYPE_TXT = 16;
export const TYPE_AAAA = 28;
export const TYPE_SRV = 33;
export const TYPE_OPT = 41;
export const TYPE_CAA = 257;

const TYPES = {
  A: TYPE_A,
  AAAA: TYPE_AAAA,
  CAA: TYPE_CAA,
  CNAME: TYPE_CNAME,
  MX: TYPE_MX,
  NS: TYPE_NS,
  PTR: TYPE_PTR,
  SOA: TYPE_SOA,
  SRV: TYPE_SRV,
  TXT: TYPE_TXT,
} as const;

/** `'AAAA'` of 28. */
export function typeName(type: number): string {
  return Object.entries(TYPES).find(([, number]) => number === type)?.[0] ?? `TYPE${type}`;
}
