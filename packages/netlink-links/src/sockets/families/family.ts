import { LITTLE_ENDIAN } from '../../message/endianness.js';
import type { MessageBytes } from '../../message/message-bytes.js';
import { MessageWriter } from '../../message/message-writer.js';
import { cookieWords } from './cookie.js';
import type { SocketDetail } from './details.js';

/** By what sockets of a family can be chosen, beside the family. */
export type SocketCriterion = 'states' | 'link' | 'inode' | 'cookie' | 'uid';

/** What is asked about the sockets of a family. */
export interface SocketQuestion {
  /** A bit for each state that is wanted. */
  readonly states: number;
  readonly details: ReadonlySet<SocketDetail>;
  /** Of the one socket that is meant; 0 for all. */
  readonly inode?: number;
  readonly cookie?: bigint | undefined;
}

/** A family of sockets that are not those of the Internet: what is asked, and what is told. */
export interface SocketFamilyKind<S> {
  /** `AF_…` */
  readonly number: number;
  /** `sdiag_protocol` that means all of them. */
  readonly protocol: number;
  /** The kernel's module that tells of them, for errors. */
  readonly module: string;
  readonly criteria: readonly SocketCriterion[];
  readonly details: readonly SocketDetail[];
  /** The words of its request behind the family and the protocol. */
  words(question: SocketQuestion): readonly number[];
  /** Reads its message behind the header of netlink. `undefined` for one that is not of the family. */
  read(bytes: MessageBytes, start: number, end: number, details: ReadonlySet<SocketDetail>): S | undefined;
}

/** What requests of most families have behind the states: inode, `…_SHOW_…`, cookie. */
export function identityWords({ inode = 0, cookie }: SocketQuestion, show: number): readonly number[] {
  return [inode, show, ...cookieWords(cookie)];
}

/** Begins a message about sockets of a family. */
export function familyRequest(
  { type, flags }: { readonly type: number; readonly flags: number },
  { number, protocol, words }: Pick<SocketFamilyKind<unknown>, 'number' | 'protocol' | 'words'>,
  question: SocketQuestion,
): MessageWriter {
  const behind = words(question);
  return new MessageWriter(type, flags).header(4 + 4 * behind.length, (view, at) => {
    view.setUint8(at, number);
    view.setUint8(at + 1, protocol);
    for (const [index, word] of behind.entries()) view.setUint32(at + 4 + 4 * index, word, LITTLE_ENDIAN);
  });
}

/** Whether a message is long enough for the header of its family, and of that family. */
export function isOfFamily(
  bytes: MessageBytes,
  start: number,
  end: number,
  { family, size }: { readonly family: number; readonly size: number },
): boolean {
  if (end - start < size) {
    bytes.fail('a message about a socket is shorter than its header');
    return false;
  }
  return bytes.u8[start] === family;
}
