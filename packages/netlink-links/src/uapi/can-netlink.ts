/** `<linux/can/netlink.h>` */

export const IFLA_CAN_BITTIMING = 1;
export const IFLA_CAN_BITTIMING_CONST = 2;
export const IFLA_CAN_CLOCK = 3;
export const IFLA_CAN_STATE = 4;
export const IFLA_CAN_CTRLMODE = 5;
export const IFLA_CAN_RESTART_MS = 6;
export const IFLA_CAN_RESTART = 7;
export const IFLA_CAN_BERR_COUNTER = 8;
export const IFLA_CAN_DATA_BITTIMING = 9;
export const IFLA_CAN_DATA_BITTIMING_CONST = 10;
export const IFLA_CAN_TERMINATION = 11;
export const IFLA_CAN_TERMINATION_CONST = 12;
export const IFLA_CAN_BITRATE_CONST = 13;
export const IFLA_CAN_DATA_BITRATE_CONST = 14;
export const IFLA_CAN_BITRATE_MAX = 15;
export const IFLA_CAN_TDC = 16;
export const IFLA_CAN_CTRLMODE_EXT = 17;
export const IFLA_CAN_TDC_TDCV = 7;
export const IFLA_CAN_TDC_TDCO = 8;
export const IFLA_CAN_TDC_TDCF = 9;

/**
 * Size of `struct can_bittiming`: bitrate, sample_point, tq, prop_seg, phase_seg1, phase_seg2, sjw, brp (u32 each).
 */
export const CAN_BITTIMING_SIZE = 32;

export const CAN_STATE_ERROR_ACTIVE = 0;
export const CAN_STATE_ERROR_WARNING = 1;
export const CAN_STATE_ERROR_PASSIVE = 2;
export const CAN_STATE_BUS_OFF = 3;
export const CAN_STATE_STOPPED = 4;
export const CAN_STATE_SLEEPING = 5;

export const CAN_CTRLMODE_LOOPBACK = 0x01;
export const CAN_CTRLMODE_LISTENONLY = 0x02;
export const CAN_CTRLMODE_3_SAMPLES = 0x04;
export const CAN_CTRLMODE_ONE_SHOT = 0x08;
export const CAN_CTRLMODE_BERR_REPORTING = 0x10;
export const CAN_CTRLMODE_FD = 0x20;
export const CAN_CTRLMODE_PRESUME_ACK = 0x40;
export const CAN_CTRLMODE_FD_NON_ISO = 0x80;
export const CAN_CTRLMODE_CC_LEN8_DLC = 0x100;
export const CAN_CTRLMODE_TDC_AUTO = 0x200;
export const CAN_CTRLMODE_TDC_MANUAL = 0x400;
