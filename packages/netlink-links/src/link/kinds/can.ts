import { InvalidOptionError } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import { checkProperties, mustBe, propertiesOf } from '../../message/checks.js';
import { type Field, named, type Reading, readOnly, type Spread, u16, u32 } from '../../message/fields.js';
import { readInside } from '../../message/unknown-attribute.js';
import {
  CAN_CTRLMODE_3_SAMPLES,
  CAN_CTRLMODE_BERR_REPORTING,
  CAN_CTRLMODE_CC_LEN8_DLC,
  CAN_CTRLMODE_FD,
  CAN_CTRLMODE_FD_NON_ISO,
  CAN_CTRLMODE_LISTENONLY,
  CAN_CTRLMODE_LOOPBACK,
  CAN_CTRLMODE_ONE_SHOT,
  CAN_CTRLMODE_PRESUME_ACK,
  CAN_CTRLMODE_TDC_AUTO,
  CAN_CTRLMODE_TDC_MANUAL,
  CAN_STATE_BUS_OFF,
  CAN_STATE_ERROR_ACTIVE,
  CAN_STATE_ERROR_PASSIVE,
  CAN_STATE_ERROR_WARNING,
  CAN_STATE_SLEEPING,
  CAN_STATE_STOPPED,
  IFLA_CAN_BERR_COUNTER,
  IFLA_CAN_BITRATE_CONST,
  IFLA_CAN_BITRATE_MAX,
  IFLA_CAN_BITTIMING,
  IFLA_CAN_BITTIMING_CONST,
  IFLA_CAN_CLOCK,
  IFLA_CAN_CTRLMODE,
  IFLA_CAN_CTRLMODE_EXT,
  IFLA_CAN_DATA_BITRATE_CONST,
  IFLA_CAN_DATA_BITTIMING,
  IFLA_CAN_DATA_BITTIMING_CONST,
  IFLA_CAN_RESTART,
  IFLA_CAN_RESTART_MS,
  IFLA_CAN_STATE,
  IFLA_CAN_TDC,
  IFLA_CAN_TDC_TDCF,
  IFLA_CAN_TDC_TDCO,
  IFLA_CAN_TDC_TDCV,
  IFLA_CAN_TERMINATION,
  IFLA_CAN_TERMINATION_CONST,
} from '../../uapi/can-netlink.js';
import { bitTiming } from './can-timing.js';
import { kindOfFields } from './kind.js';
import { switches } from './switches.js';

/**
 * A controller on a CAN bus. The kernel makes them from the hardware alone; they are set up while they are down.
 *
 * The timing of bits is given by `bitrate` and `samplePoint`, or in time quanta. Beside a `bitrate` the quanta are told, and not
 * written.
 */
export interface CanAttributes {
  /** Bits per second. */
  readonly bitrate?: number;
  /** Where in a bit its value is taken, per cent: 87.5. */
  readonly samplePoint?: number;
  /** A time quantum, nanoseconds. */
  readonly timeQuantum?: number;
  /** Time quanta of the parts of a bit. */
  readonly propagationSegment?: number;
  readonly phaseSegment1?: number;
  readonly phaseSegment2?: number;
  /** By how many quanta a bit may be longer or shorter to stay in step. */
  readonly jumpWidth?: number;
  /** Told: by what the clock is divided. */
  readonly prescaler?: number;
  /** The same of the data of CAN FD. */
  readonly dataBitrate?: number;
  readonly dataSamplePoint?: number;
  readonly dataTimeQuantum?: number;
  readonly dataPropagationSegment?: number;
  readonly dataPhaseSegment1?: number;
  readonly dataPhaseSegment2?: number;
  readonly dataJumpWidth?: number;
  /** Told. */
  readonly dataPrescaler?: number;
  /** What is sent comes back, and nothing else is received. */
  readonly loopback?: boolean;
  readonly listenOnly?: boolean;
  /** Takes the value of a bit three times. */
  readonly tripleSampling?: boolean;
  /** Sends a frame once, whether it arrives or not. */
  readonly oneShot?: boolean;
  /** Tells errors on the bus. */
  readonly berrReporting?: boolean;
  /** CAN FD: frames of up to 64 bytes. */
  readonly fd?: boolean;
  /** CAN FD as it was before ISO 11898-1:2015. */
  readonly fdNonIso?: boolean;
  /** Does without acknowledgements. */
  readonly presumeAck?: boolean;
  /** Tells lengths from 9 to 15 of classic frames. */
  readonly ccLen8Dlc?: boolean;
  /** Compensates the delay of the transmitter (TDC): as the controller measures it. */
  readonly tdcAuto?: boolean;
  /** The same, as `tdc` says. */
  readonly tdcManual?: boolean;
  /** The compensation: its value, offset and filter window, in periods of the clock. */
  readonly tdc?: {
    readonly value?: number | undefined;
    readonly offset?: number | undefined;
    readonly filter?: number | undefined;
  };
  /** How long after leaving the bus it comes back by itself, ms; 0: never. */
  readonly restartMs?: number;
  /** `true` has it come back to the bus at once. Only of `linkModify`. */
  readonly restart?: boolean;
  /** The resistance at the end of the bus, ohms. */
  readonly termination?: number;
  /** Told. */
  readonly state?: 'error-active' | 'error-warning' | 'error-passive' | 'bus-off' | 'stopped' | 'sleeping' | number;
  /** Told: the counters of errors that the state follows from. */
  readonly berr?: { readonly tx: number; readonly rx: number };
  /** Told: the frequency of the controller's clock, Hz. */
  readonly clock?: number;
  /** Told: bits per second that the transceiver can do; 0 where it is not known. */
  readonly bitrateMax?: number;
}

/** Written and never told. */
const restart: Field<boolean> = {
  attribute: IFLA_CAN_RESTART,
  read: () => undefined,
  check(property, value) {
    if (value !== true) throw mustBe(property, 'true', value);
  },
  write: (writer, type) => void writer.u32(type, 1),
};

/** `struct can_berr_counter` */
const berr: Field<{ tx: number; rx: number }> = {
  attribute: IFLA_CAN_BERR_COUNTER,
  read: (data) => ({ tx: data.u16At(0), rx: data.u16At(2) }),
};

const TDC = [
  ['value', IFLA_CAN_TDC_TDCV],
  ['offset', IFLA_CAN_TDC_TDCO],
  ['filter', IFLA_CAN_TDC_TDCF],
] as const;
const TDC_PROPERTIES = propertiesOf<NonNullable<CanAttributes['tdc']>>(
  { value: 'set', offset: 'set', filter: 'set' },
  { tdcv: 'value', tdco: 'offset', tdcf: 'filter' },
);

/** Beside the values the kernel tells their bounds. */
const tdc: Spread<CanAttributes> = {
  properties: ['tdc'],
  attributes: [IFLA_CAN_TDC],
  read(data, into) {
    const read: { value?: number; offset?: number; filter?: number } = {};
    readInside(data, into as Reading<CanAttributes>, (inner, notKnown) => {
      while (inner.next()) {
        const name = TDC.find(([, attribute]) => attribute === inner.type)?.[0];
        if (name !== undefined) read[name] = inner.u32();
        else if (inner.type > IFLA_CAN_TDC_TDCF) notKnown();
      }
    });
    if (Object.keys(read).length > 0) into.tdc = read;
  },
  check(link) {
    if (link.tdc === undefined) return;
    checkProperties(link.tdc, 'tdc', TDC_PROPERTIES);
    for (const [name] of TDC) checkInteger(`tdc.${name}`, link.tdc[name], 0, 0xffffffff);
  },
  write(writer, link) {
    if (link.tdc === undefined) return;
    const { tdc: wanted } = link;
    writer.nest(
      IFLA_CAN_TDC,
      (inner) => {
        for (const [name, attribute] of TDC) {
          const value = wanted[name];
          if (value !== undefined) inner.u32(attribute, value);
        }
      },
      true,
    );
  },
};

/** `<linux/can/netlink.h>`, `IFLA_CAN_…` */
export const can = kindOfFields<CanAttributes>(
  'can',
  {
    restartMs: u32(IFLA_CAN_RESTART_MS),
    restart,
    termination: u16(IFLA_CAN_TERMINATION),
    state: readOnly(
      named(u32(IFLA_CAN_STATE), {
        'error-active': CAN_STATE_ERROR_ACTIVE,
        'error-warning': CAN_STATE_ERROR_WARNING,
        'error-passive': CAN_STATE_ERROR_PASSIVE,
        'bus-off': CAN_STATE_BUS_OFF,
        stopped: CAN_STATE_STOPPED,
        sleeping: CAN_STATE_SLEEPING,
      }),
    ),
    berr,
    clock: readOnly(u32(IFLA_CAN_CLOCK)),
    bitrateMax: readOnly(u32(IFLA_CAN_BITRATE_MAX)),
  },
  {
    last: [
      bitTiming(IFLA_CAN_BITTIMING, {
        bitrate: 'bitrate',
        samplePoint: 'samplePoint',
        timeQuantum: 'timeQuantum',
        propagationSegment: 'propagationSegment',
        phaseSegment1: 'phaseSegment1',
        phaseSegment2: 'phaseSegment2',
        jumpWidth: 'jumpWidth',
        prescaler: 'prescaler',
      }),
      bitTiming(IFLA_CAN_DATA_BITTIMING, {
        bitrate: 'dataBitrate',
        samplePoint: 'dataSamplePoint',
        timeQuantum: 'dataTimeQuantum',
        propagationSegment: 'dataPropagationSegment',
        phaseSegment1: 'dataPhaseSegment1',
        phaseSegment2: 'dataPhaseSegment2',
        jumpWidth: 'dataJumpWidth',
        prescaler: 'dataPrescaler',
      }),
      switches<CanAttributes>(
        IFLA_CAN_CTRLMODE,
        [
          ['loopback', CAN_CTRLMODE_LOOPBACK],
          ['listenOnly', CAN_CTRLMODE_LISTENONLY],
          ['tripleSampling', CAN_CTRLMODE_3_SAMPLES],
          ['oneShot', CAN_CTRLMODE_ONE_SHOT],
          ['berrReporting', CAN_CTRLMODE_BERR_REPORTING],
          ['fd', CAN_CTRLMODE_FD],
          ['presumeAck', CAN_CTRLMODE_PRESUME_ACK],
          ['fdNonIso', CAN_CTRLMODE_FD_NON_ISO],
          ['ccLen8Dlc', CAN_CTRLMODE_CC_LEN8_DLC],
          ['tdcAuto', CAN_CTRLMODE_TDC_AUTO],
          ['tdcManual', CAN_CTRLMODE_TDC_MANUAL],
        ],
        'mask, flags',
      ),
      tdc,
    ],
    toldBeside: ['prescaler', 'dataPrescaler'],
    // What the controller can do.
    passedOver: [
      IFLA_CAN_BITTIMING_CONST,
      IFLA_CAN_DATA_BITTIMING_CONST,
      IFLA_CAN_TERMINATION_CONST,
      IFLA_CAN_BITRATE_CONST,
      IFLA_CAN_DATA_BITRATE_CONST,
      IFLA_CAN_CTRLMODE_EXT,
    ],
    synonyms: {
      'sample-point': 'samplePoint',
      dbitrate: 'dataBitrate',
      sjw: 'jumpWidth',
      tq: 'timeQuantum',
      'restart-ms': 'restartMs',
    },
    addressLength: 0,
    check({ tdcAuto, tdcManual }) {
      if (tdcAuto === true && tdcManual === true)
        throw new InvalidOptionError('tdcManual', 'tdcAuto and tdcManual exclude each other');
    },
  },
);
