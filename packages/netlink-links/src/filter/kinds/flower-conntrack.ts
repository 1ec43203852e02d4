import { checkBoolean } from 'netns-core/checks';
import { checkProperties, propertiesOf } from '../../message/checks.js';
import type { MaskedNumber } from '../../message/masked-number.js';
import {
  TCA_FLOWER_KEY_CT_FLAGS_ESTABLISHED,
  TCA_FLOWER_KEY_CT_FLAGS_INVALID,
  TCA_FLOWER_KEY_CT_FLAGS_NEW,
  TCA_FLOWER_KEY_CT_FLAGS_RELATED,
  TCA_FLOWER_KEY_CT_FLAGS_REPLY,
  TCA_FLOWER_KEY_CT_FLAGS_TRACKED,
  TCA_FLOWER_KEY_CT_LABELS,
  TCA_FLOWER_KEY_CT_LABELS_MASK,
  TCA_FLOWER_KEY_CT_MARK,
  TCA_FLOWER_KEY_CT_MARK_MASK,
  TCA_FLOWER_KEY_CT_STATE,
  TCA_FLOWER_KEY_CT_STATE_MASK,
  TCA_FLOWER_KEY_CT_ZONE,
  TCA_FLOWER_KEY_CT_ZONE_MASK,
} from '../../uapi/pkt-cls.js';
import { type FlowerKey, labelKey, numberKey } from './flower-keys.js';
import { type FlowerPart, partOfKeys } from './flower-part.js';

/** What a connection must be (`true`), and what it must not be (`false`); what is left out does not matter. */
export interface FlowerConntrackState {
  readonly new?: boolean | undefined;
  readonly established?: boolean | undefined;
  readonly related?: boolean | undefined;
  /** Whether a `ct` action has seen the packet. */
  readonly tracked?: boolean | undefined;
  readonly invalid?: boolean | undefined;
  /** Whether it goes the other way than the first packet. Linux 5.11. */
  readonly reply?: boolean | undefined;
}

/** The connection of a packet, as a `ct` action has found it. */
export interface FlowerConntrack {
  readonly state?: FlowerConntrackState | undefined;
  readonly zone?: MaskedNumber | undefined;
  readonly mark?: MaskedNumber | undefined;
  /** 32 hexadecimal digits, with a mask of as many behind a slash if not all bits count. */
  readonly label?: string | undefined;
}

const FLAGS = {
  new: TCA_FLOWER_KEY_CT_FLAGS_NEW,
  established: TCA_FLOWER_KEY_CT_FLAGS_ESTABLISHED,
  related: TCA_FLOWER_KEY_CT_FLAGS_RELATED,
  tracked: TCA_FLOWER_KEY_CT_FLAGS_TRACKED,
  invalid: TCA_FLOWER_KEY_CT_FLAGS_INVALID,
  reply: TCA_FLOWER_KEY_CT_FLAGS_REPLY,
} as const;
const NAMES = Object.keys(FLAGS) as (keyof typeof FLAGS)[];
const KNOWN = NAMES.reduce((bits, name) => bits | FLAGS[name], 0);
const STATE = propertiesOf<FlowerConntrackState>(
  { new: 'set', established: 'set', related: 'set', tracked: 'set', invalid: 'set', reply: 'set' },
  { est: 'established', rel: 'related', trk: 'tracked', inv: 'invalid', rpl: 'reply' },
);

const bitsOf = (state: FlowerConntrackState, matters: (value: boolean | undefined) => boolean): number =>
  NAMES.reduce((bits, name) => (matters(state[name]) ? bits | FLAGS[name] : bits), 0);
const stateOf = (bits: number, mask: number): FlowerConntrackState =>
  Object.fromEntries(
    NAMES.filter((name) => (mask & FLAGS[name]) !== 0).map((name) => [name, (bits & FLAGS[name]) !== 0]),
  );

const state: FlowerKey<FlowerConntrackState> = {
  attributes: [{ value: TCA_FLOWER_KEY_CT_STATE, mask: TCA_FLOWER_KEY_CT_STATE_MASK }],
  check(property, value) {
    checkProperties(value, property, STATE);
    for (const name of NAMES) checkBoolean(`${property}.${name}`, (value as FlowerConntrackState)[name]);
  },
  write: (writer, value) =>
    void writer
      .u16(
        TCA_FLOWER_KEY_CT_STATE,
        bitsOf(value, (each) => each === true),
      )
      .u16(
        TCA_FLOWER_KEY_CT_STATE_MASK,
        bitsOf(value, (each) => each !== undefined),
      ),
  value: (data) => stateOf(data.u16(), KNOWN),
  masked(value, data) {
    const mask = data.u16();
    return (mask & ~KNOWN) !== 0
      ? undefined
      : stateOf(
          bitsOf(value, (each) => each === true),
          mask,
        );
  },
};

export const flowerConntrack: FlowerPart<FlowerConntrack> = partOfKeys<FlowerConntrack>(
  {
    state,
    zone: numberKey(TCA_FLOWER_KEY_CT_ZONE, TCA_FLOWER_KEY_CT_ZONE_MASK, 16),
    mark: numberKey(TCA_FLOWER_KEY_CT_MARK, TCA_FLOWER_KEY_CT_MARK_MASK, 32),
    label: labelKey(TCA_FLOWER_KEY_CT_LABELS, TCA_FLOWER_KEY_CT_LABELS_MASK),
  },
  { properties: propertiesOf<FlowerConntrack>({ state: 'set', zone: 'set', mark: 'set', label: 'set' }) },
);
