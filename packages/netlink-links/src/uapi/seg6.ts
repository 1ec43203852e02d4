/** `<linux/seg6.h>`, `<linux/seg6_iptunnel.h>`, `<linux/seg6_local.h>`: segment routing over IPv6. */

/** Size of `struct ipv6_sr_hdr` before its segments. */
export const SRH_SIZE = 8;
export const SRH_TYPE = 4;
export const SR6_FLAG1_HMAC = 8;
export const SR6_TLV_HMAC = 5;
/** Size of `struct sr6_tlv_hmac`: type, length (u8 each), flag (u16), key (u32), 32 bytes. */
export const SR6_TLV_HMAC_SIZE = 40;

export const SEG6_IPTUNNEL_SRH = 1;
/** Size of `struct seg6_iptunnel_encap` before its header: the mode (i32). */
export const SEG6_IPTUNNEL_ENCAP_SIZE = 4;
export const SEG6_IPTUN_MODE_INLINE = 0;
export const SEG6_IPTUN_MODE_ENCAP = 1;
export const SEG6_IPTUN_MODE_L2ENCAP = 2;
export const SEG6_IPTUN_MODE_ENCAP_RED = 3;
export const SEG6_IPTUN_MODE_L2ENCAP_RED = 4;

export const SEG6_LOCAL_ACTION = 1;
export const SEG6_LOCAL_SRH = 2;
export const SEG6_LOCAL_TABLE = 3;
export const SEG6_LOCAL_NH4 = 4;
export const SEG6_LOCAL_NH6 = 5;
export const SEG6_LOCAL_IIF = 6;
export const SEG6_LOCAL_OIF = 7;
export const SEG6_LOCAL_VRFTABLE = 9;
export const SEG6_LOCAL_COUNTERS = 10;
export const SEG6_LOCAL_FLAVORS = 11;

export const SEG6_LOCAL_ACTION_END = 1;
export const SEG6_LOCAL_ACTION_END_X = 2;
export const SEG6_LOCAL_ACTION_END_T = 3;
export const SEG6_LOCAL_ACTION_END_DX2 = 4;
export const SEG6_LOCAL_ACTION_END_DX6 = 5;
export const SEG6_LOCAL_ACTION_END_DX4 = 6;
export const SEG6_LOCAL_ACTION_END_DT6 = 7;
export const SEG6_LOCAL_ACTION_END_DT4 = 8;
export const SEG6_LOCAL_ACTION_END_B6 = 9;
export const SEG6_LOCAL_ACTION_END_B6_ENCAP = 10;
export const SEG6_LOCAL_ACTION_END_BM = 11;
export const SEG6_LOCAL_ACTION_END_BPF = 15;
export const SEG6_LOCAL_ACTION_END_DT46 = 16;

export const SEG6_LOCAL_CNT_PAD = 1;
export const SEG6_LOCAL_CNT_PACKETS = 2;
export const SEG6_LOCAL_CNT_BYTES = 3;
export const SEG6_LOCAL_CNT_ERRORS = 4;

export const SEG6_LOCAL_FLV_OPERATION = 1;
export const SEG6_LOCAL_FLV_LCBLOCK_BITS = 2;
export const SEG6_LOCAL_FLV_LCNODE_FN_BITS = 3;
