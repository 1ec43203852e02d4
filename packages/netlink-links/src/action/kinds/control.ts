import { checkInteger } from 'netns-core/checks';
import { mustBe } from '../../message/checks.js';
import {
  TC_ACT_EXT_VAL_MASK,
  TC_ACT_GOTO_CHAIN,
  TC_ACT_JUMP,
  TC_ACT_OK,
  TC_ACT_PIPE,
  TC_ACT_RECLASSIFY,
  TC_ACT_SHOT,
  TC_ACT_STOLEN,
  TC_ACT_TRAP,
  TC_ACT_UNSPEC,
} from '../../uapi/tc-act.js';

/**
 * What happens with a packet after an action; tc-actions(8). `'pass'` ends with the packet accepted, `'drop'` with it
 * dropped; `'pipe'` goes on with the next action, `'continue'` with the next filter, `'reclassify'` with the first one.
 * `{ goto: 5 }` goes on with the filters of chain 5, `{ jump: 2 }` leaves out two actions. Numbers of the kernel that
 * have no name here are numbers.
 */
export type ActionControl =
  | 'pass'
  | 'drop'
  | 'pipe'
  | 'continue'
  | 'reclassify'
  | 'stolen'
  | 'trap'
  | { readonly goto: number }
  | { readonly jump: number }
  | number;

const NUMBERS: Readonly<Record<string, number>> = {
  pass: TC_ACT_OK,
  drop: TC_ACT_SHOT,
  pipe: TC_ACT_PIPE,
  continue: TC_ACT_UNSPEC,
  reclassify: TC_ACT_RECLASSIFY,
  stolen: TC_ACT_STOLEN,
  trap: TC_ACT_TRAP,
};

const NAMES = new Map(Object.entries(NUMBERS).map(([name, number]) => [number, name as ActionControl]));

/** Reads a control: a signed number. */
export function readControl(number: number): ActionControl {
  const name = NAMES.get(number);
  if (name !== undefined) return name;
  const value = number & TC_ACT_EXT_VAL_MASK;
  const code = number - value;
  if (code === TC_ACT_GOTO_CHAIN) return { goto: value };
  return code === TC_ACT_JUMP ? { jump: value } : number;
}

/** Checks a control; `undefined` passes. @throws InvalidOptionError */
export function checkControl(property: string, control: unknown): void {
  if (control === undefined) return;
  if (typeof control === 'string' && Object.hasOwn(NUMBERS, control)) return;
  if (typeof control === 'number') {
    checkInteger(property, control, -0x80000000, 0x7fffffff);
    return;
  }
  const keys = typeof control === 'object' && control !== null ? Object.keys(control) : [];
  const [key = ''] = keys;
  if (keys.length !== 1 || (key !== 'goto' && key !== 'jump'))
    throw mustBe(property, `one of ${Object.keys(NUMBERS).join(', ')}, { goto: chain } or { jump: actions }`, control);
  checkInteger(`${property}.${key}`, (control as Record<string, unknown>)[key], 0, TC_ACT_EXT_VAL_MASK);
}

/** The number of a control that has been checked. */
export function controlNumber(control: ActionControl): number {
  if (typeof control === 'number') return control;
  if (typeof control === 'string') return NUMBERS[control] ?? TC_ACT_UNSPEC;
  return 'goto' in control ? TC_ACT_GOTO_CHAIN + control.goto : TC_ACT_JUMP + control.jump;
}
