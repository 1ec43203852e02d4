import { NetnsError } from 'netns-core';
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

function refuse(handle: QdiscHandle, wanted: string): never {
  throw new NetnsError(`'${String(handle)}' is no ${wanted}`, { code: 'ERR_INVALID_ARGUMENT' });
}

/**
 * The number of a handle.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 */
export function parseHandle(handle: QdiscHandle): number {
  if (typeof handle === 'number') {
    if (Number.isInteger(handle) && handle >= 0 && handle <= 0xffffffff) return handle;
  } else {
    const match = /^([0-9a-f]{1,4}):([0-9a-f]{0,4})$/i.exec(handle);
    if (match) return Number.parseInt(match[1] ?? '', 16) * 0x10000 + Number.parseInt(match[2] || '0', 16);
  }
  return refuse(handle, "handle of a queueing discipline: '1:' or '1:10' is what one looks like");
}

/**
 * The number of a parent: `'root'`, `'ingress'`, `'clsact'`, `'none'`, or a handle.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 */
export function parseParent(parent: QdiscHandle): number {
  if (parent === 'root') return TC_H_ROOT;
  if (parent === 'ingress' || parent === 'clsact') return TC_H_INGRESS;
  if (parent === 'none') return TC_H_UNSPEC;
  return parseHandle(parent);
}
