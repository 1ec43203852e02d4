/** Classic BPF: `<linux/filter.h>` and `<linux/bpf_common.h>`. */

export const BPF_MAXINSNS = 4096;
/** Size of `struct sock_filter`: code (u16), jt, jf (u8 each), k (u32). */
export const SOCK_FILTER_SIZE = 8;
