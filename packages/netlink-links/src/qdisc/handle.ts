import { mustBe } from '../message/checks.js';
import { TC_H_INGRESS, TC_H_ROOT, TC_H_UNSPEC } from '../uapi/pkt-sched.js';

/**
 * The handle of a queueing discipline or class as `tc` writes it, `major:minor` in hexadecimal: `'1:'`, `'1:10'`;
 * or the number, `major << 16 | minor`. Answers have the text.
 */
export type QdiscHandle = string | number;

/** The text of a handle. */
export function formatHandle(handle: number): string {
  const minor = handle & 0xffff;
  return `${(handle >>> 16).toString(16)}:${minor === 0 ? '' : minor.toString(16)}`;
}

/** The text of a parent: `'root'`, `'ingress'` (for clsact, too), `'none'`, or a handle. */
export function formatParent(parent: number): string {
  switch (parent) {
    case TC_H_ROOT:
      return 'root';
    case TC_H_INGRESS:
      return 'ingress';
    case TC_H_UNSPEC:
      return 'none';
    default:
      return formatHandle(parent);
  }
}

function refuse(property: string, handle: unknown, wanted: string): never {
  throw mustBe(property, `${wanted}, or its number from 0 to 4294967295`, handle);
}

function isHandleNumber(handle: unknown): handle is number {
  return typeof handle === 'number' && Number.isInteger(handle) && handle >= 0 && handle <= 0xffffffff;
}

/**
 * The number of a handle as `tc` takes it: `'1:'`, `'1'`, `'1:10'`.
 *
 * @throws InvalidOptionError
 */
export function parseHandle(handle: QdiscHandle, property = 'handle'): number {
  if (isHandleNumber(handle)) return handle;
  const match = typeof handle === 'string' ? /^([0-9a-f]{1,4})(?::([0-9a-f]{0,4}))?$/i.exec(handle) : null;
  if (match === null) refuse(property, handle, "a handle as tc writes it, '1:' or '1:10'");
  return Number.parseInt(match[1] ?? '', 16) * 0x10000 + Number.parseInt(match[2] || '0', 16);
}

/**
 * The number of a parent: `'root'`, `'ingress'`, `'clsact'`, `'none'`, or a handle as `tc` takes it: `'1:10'`, `':3'`
 * for the third class of a handle 0.
 *
 * @throws InvalidOptionError
 */
export function parseParent(parent: QdiscHandle): number {
  if (isHandleNumber(parent)) return parent;
  if (parent === 'root') return TC_H_ROOT;
  if (parent === 'ingress' || parent === 'clsact') return TC_H_INGRESS;
  if (parent === 'none') return TC_H_UNSPEC;
  const match = typeof parent === 'string' ? /^([0-9a-f]{0,4}):([0-9a-f]{0,4})$/i.exec(parent) : null;
  // `tc` takes a number without a colon as it is.
  const plain = typeof parent === 'string' && /^[0-9a-f]{1,8}$/i.test(parent) ? parent : undefined;
  if (plain !== undefined) return Number.parseInt(plain, 16);
  if (match === null || match[0] === ':')
    refuse('parent', parent, "'root', 'ingress', 'none' or a handle as tc writes it, '1:10'");
  return Number.parseInt(match[1] || '0', 16) * 0x10000 + Number.parseInt(match[2] || '0', 16);
}
