import { type VtiCommon, vtiKind } from './vti-fields.js';

/** A link whose packets IPsec protects in IPv4: the policy and the state are found by its keys. */
export interface VtiAttributes extends VtiCommon {}

export const vti = vtiKind('vti', 'ipv4', 4);
