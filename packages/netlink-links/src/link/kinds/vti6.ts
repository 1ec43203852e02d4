import { type VtiCommon, vtiKind } from './vti-fields.js';

/** A link whose packets IPsec protects in IPv6: the policy and the state are found by its keys. */
export interface Vti6Attributes extends VtiCommon {}

export const vti6 = vtiKind('vti6', 'ipv6', 16);
