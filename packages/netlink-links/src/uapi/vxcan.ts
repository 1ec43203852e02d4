/** `<linux/can/vxcan.h>` */

export const VXCAN_INFO_PEER = 1;
