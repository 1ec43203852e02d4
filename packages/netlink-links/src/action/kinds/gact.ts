import { InvalidOptionError } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import { checkProperties, mustBe, propertiesOf } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import {
  PGACT_DETERM,
  PGACT_NETRAND,
  TC_GACT_P_SIZE,
  TC_GEN_SIZE,
  TCA_GACT_PAD,
  TCA_GACT_PARMS,
  TCA_GACT_PROB,
  TCA_GACT_TM,
} from '../../uapi/tc-act.js';
import { type ActionControl, checkControl, controlNumber, readControl } from './control.js';
import { type ActionKind, structuredKind } from './kind.js';

/** Does only what its `control` says; without one the packet passes. */
export interface GactAttributes {
  /** Does something else with some of the packets. */
  readonly random?: {
    /** `'netrand'`: one of `value` packets, at random; `'determ'`: every `value`th. */
    readonly mode: 'netrand' | 'determ';
    /** What happens with these. */
    readonly control: ActionControl;
    /** 1 to 10000. */
    readonly value: number;
  };
}

const MODES = { netrand: PGACT_NETRAND, determ: PGACT_DETERM } as const;
const RANDOM = propertiesOf<NonNullable<GactAttributes['random']>>({ mode: 'set', control: 'set', value: 'set' });
const MOST = 10_000;

export const gact: ActionKind<GactAttributes> = structuredKind<GactAttributes>({
  kernelName: 'gact',
  parms: TCA_GACT_PARMS,
  size: TC_GEN_SIZE,
  tm: TCA_GACT_TM,
  pad: TCA_GACT_PAD,
  properties: propertiesOf<GactAttributes>({ random: 'set' }),
  defaultControl: 'pass',
  check({ random }) {
    if (random === undefined) return;
    checkProperties(random, 'random', RANDOM);
    if (typeof random.mode !== 'string' || !Object.hasOwn(MODES, random.mode))
      throw mustBe('random.mode', "'netrand' or 'determ'", random.mode);
    if (random.control === undefined)
      throw new InvalidOptionError('random.control', 'random needs a `control`: what happens with these packets');
    checkControl('random.control', random.control);
    if (random.value === undefined) throw mustBe('random.value', `an integer from 1 to ${MOST}`, random.value);
    checkInteger('random.value', random.value, 1, MOST);
  },
  more(writer, { random }) {
    if (random === undefined) return;
    writer.struct(TCA_GACT_PROB, TC_GACT_P_SIZE, (view, at) => {
      view.setUint16(at, MODES[random.mode], LITTLE_ENDIAN);
      view.setUint16(at + 2, random.value, LITTLE_ENDIAN);
      view.setInt32(at + 4, controlNumber(random.control), LITTLE_ENDIAN);
    });
  },
  takeMore(attribute, action) {
    if (attribute.type !== TCA_GACT_PROB) return false;
    const mode = attribute.u16At(0);
    // Without a mode it is the control alone.
    if (mode === PGACT_NETRAND || mode === PGACT_DETERM)
      action.random = {
        mode: mode === PGACT_NETRAND ? 'netrand' : 'determ',
        value: attribute.u16At(2),
        control: readControl(attribute.u32At(4) | 0),
      };
    return true;
  },
});
