import { InvalidOptionError } from 'netns-core';
import { checkText, mustBe, propertiesOf } from '../../message/checks.js';
import type { Field } from '../../message/fields.js';
import { TC_GEN_SIZE, TCA_DEF_DATA, TCA_DEF_PAD, TCA_DEF_PARMS, TCA_DEF_TM } from '../../uapi/tc-act.js';
import { type ActionKind, structuredKind } from './kind.js';

/** Writes a text into the kernel's log for each packet; tc-simple(8). Its control is `'pipe'` if it is left out. */
export interface SimpleAttributes {
  /** At most 31 bytes of UTF-8. */
  readonly text: string;
}

const MAX_TEXT = 31;

const text = (attribute: number): Field<string> => ({
  attribute,
  read: (data) => data.string(),
  check(property, value) {
    checkText(property, value);
    if (Buffer.byteLength(value as string) > MAX_TEXT)
      throw mustBe(property, `at most ${MAX_TEXT} bytes of UTF-8`, value);
  },
  write: (writer, type, value) => void writer.string(type, value),
});

export const simple: ActionKind<SimpleAttributes> = structuredKind<SimpleAttributes>({
  kernelName: 'simple',
  parms: TCA_DEF_PARMS,
  size: TC_GEN_SIZE,
  tm: TCA_DEF_TM,
  pad: TCA_DEF_PAD,
  fields: { text: text(TCA_DEF_DATA) },
  properties: propertiesOf<SimpleAttributes>({ text: 'set' }, { sdata: 'text', data: 'text' }),
  defaultControl: 'pipe',
  check({ text: said }) {
    if (said === undefined) throw new InvalidOptionError('text', 'simple needs a `text`');
  },
});
