import { mustBe } from './checks.js';

/** Bytes of the label of a connection. */
const LABEL_LENGTH = 16;
const DIGITS = LABEL_LENGTH * 2;

/** The label of a connection, and which of its bits count. */
export interface MaskedLabel {
  readonly value: Uint8Array;
  readonly mask: Uint8Array;
}

/** Reads 32 hexadecimal digits, with a mask of as many behind a slash if not all bits count. @throws InvalidOptionError */
export function parseMaskedLabel(property: string, label: unknown): MaskedLabel {
  const [value = '', mask = 'f'.repeat(DIGITS), ...more] = typeof label === 'string' ? label.split('/') : [];
  if (more.length > 0 || ![value, mask].every((text) => text.length === DIGITS && /^[0-9a-f]+$/i.test(text)))
    throw mustBe(property, `${DIGITS} hexadecimal digits, with a mask behind a slash if not all bits count`, label);
  const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
  return { value: bytes(value), mask: bytes(mask) };
}

/** The text of a label. */
export function formatLabel(value: Uint8Array): string {
  return Buffer.from(value).toString('hex');
}

/** The text of a label that was read, once its mask is known. */
export function withLabelMask(label: string | undefined, mask: Uint8Array): string {
  const value = label ?? '';
  return mask.every((byte) => byte === 0xff) ? value : `${value}/${formatLabel(mask)}`;
}
