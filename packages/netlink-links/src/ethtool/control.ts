import { Errno, encodeInterfaceRequest, IFNAMSIZ, interfaceName, SIOCETHTOOL, sys } from 'netns-core/sys';
import type { MessageBytes } from '../message/message-bytes.js';
import { resolveLinkIndex } from '../operation/link-reference.js';
import { ask, type Operation } from '../operation/operation.js';
import { type ControlResult, controlling } from '../operation/request.js';
import { deviceOperation, type EthtoolSubject } from './request.js';

/**
 * A command of `<linux/ethtool.h>` on a device. The structure of the command is read and changed in its place.
 *
 * @returns a negative error number where the kernel refuses it
 */
export type Command = (structure: MessageBytes) => number;

/** Makes the operation that does with `ioctl` what the family of generic netlink does not offer. */
export function controlOperation<T>(
  subject: EthtoolSubject,
  run: (command: Command) => ControlResult<T>,
): Operation<T> {
  const { identity, reference } = subject;
  return deviceOperation(subject, function* () {
    // `struct ifreq` has no room for longer ones, which are alternative names.
    const isLong = typeof reference === 'string' && Buffer.byteLength(reference) >= IFNAMSIZ;
    const link = isLong ? yield* resolveLinkIndex(identity, reference) : reference;
    return yield* ask(
      controlling((fd) => {
        const name = typeof link === 'string' ? link : interfaceName(fd, link);
        if (name === undefined) return { errno: Errno.ENODEV };
        return run(({ u8 }) => sys().ioctl(fd, SIOCETHTOOL, encodeInterfaceRequest(name), [IFNAMSIZ, u8]));
      }),
    );
  });
}

/** A text in a structure, up to its first NUL. */
export function textAt({ u8 }: MessageBytes, offset: number, length: number): string {
  const text = u8.subarray(offset, offset + length);
  const end = text.indexOf(0);
  return decoder.decode(end < 0 ? text : text.subarray(0, end));
}

const decoder = new TextDecoder();
