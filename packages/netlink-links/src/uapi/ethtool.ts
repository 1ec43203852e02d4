/** `<linux/ethtool.h>`: the commands of `ioctl(SIOCETHTOOL)`. */

export const ETHTOOL_GDRVINFO = 0x3;
export const ETHTOOL_GSTRINGS = 0x1b;
export const ETHTOOL_GSTATS = 0x1d;
export const ETHTOOL_GSSET_INFO = 0x37;

export const ETH_SS_STATS = 1;
export const ETH_GSTRING_LEN = 32;

/** Size of `struct ethtool_drvinfo`: cmd (u32), five texts of 32 bytes, 12 bytes, five numbers (u32). */
export const SIZEOF_ETHTOOL_DRVINFO = 196;
/** Where its texts are: driver, version, fw_version, bus_info. */
export const ETHTOOL_DRVINFO_DRIVER = 4;
export const ETHTOOL_DRVINFO_VERSION = 36;
export const ETHTOOL_DRVINFO_FW_VERSION = 68;
export const ETHTOOL_DRVINFO_BUS_INFO = 100;
export const ETHTOOL_DRVINFO_TEXT_LEN = 32;

/** Offset of `sset_mask` (u64) in `struct ethtool_sset_info`, and of `data` (u32 each) behind it. */
export const ETHTOOL_SSET_INFO_MASK = 8;
export const ETHTOOL_SSET_INFO_DATA = 16;
/** Offsets of `string_set`, `len` and `data` in `struct ethtool_gstrings`. */
export const ETHTOOL_GSTRINGS_STRING_SET = 4;
export const ETHTOOL_GSTRINGS_LEN = 8;
export const ETHTOOL_GSTRINGS_DATA = 12;
/** Offsets of `n_stats` and `data` (u64 each) in `struct ethtool_stats`. */
export const ETHTOOL_STATS_N_STATS = 4;
export const ETHTOOL_STATS_DATA = 8;
