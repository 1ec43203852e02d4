import { NamedNumbers } from '../message/named-numbers.js';
import {
  LWTUNNEL_ENCAP_BPF,
  LWTUNNEL_ENCAP_ILA,
  LWTUNNEL_ENCAP_IOAM6,
  LWTUNNEL_ENCAP_IP,
  LWTUNNEL_ENCAP_IP6,
  LWTUNNEL_ENCAP_MPLS,
  LWTUNNEL_ENCAP_RPL,
  LWTUNNEL_ENCAP_SEG6,
  LWTUNNEL_ENCAP_SEG6_LOCAL,
  LWTUNNEL_ENCAP_XFRM,
} from '../uapi/lwtunnel.js';

/** How packets on a route are wrapped; `LWTUNNEL_ENCAP_*` of `<linux/lwtunnel.h>`. */
export type RouteEncapType = 'mpls' | 'ip' | 'ila' | 'ip6' | 'seg6' | 'bpf' | 'seg6local' | 'rpl' | 'ioam6' | 'xfrm';

export const routeEncapTypes = new NamedNumbers<RouteEncapType>(
  'encap.type',
  {
    mpls: LWTUNNEL_ENCAP_MPLS,
    ip: LWTUNNEL_ENCAP_IP,
    ila: LWTUNNEL_ENCAP_ILA,
    ip6: LWTUNNEL_ENCAP_IP6,
    seg6: LWTUNNEL_ENCAP_SEG6,
    bpf: LWTUNNEL_ENCAP_BPF,
    seg6local: LWTUNNEL_ENCAP_SEG6_LOCAL,
    rpl: LWTUNNEL_ENCAP_RPL,
    ioam6: LWTUNNEL_ENCAP_IOAM6,
    xfrm: LWTUNNEL_ENCAP_XFRM,
  },
  0xffff,
);
