import type { MessageWriter } from '../../message/message-writer.js';
import { writeLinkHeader } from '../../operation/link-reference.js';
import type { LinkPeerSpec } from '../attributes/settings.js';
import { flagChanges, writeCommonAttributes } from '../attributes/write.js';

/** Writes the other end of a pair: `struct ifinfomsg` and the attributes of a link, in one attribute. */
export function writePeer(writer: MessageWriter, attribute: number, peer: LinkPeerSpec): void {
  writer.nest(attribute, (nested) => {
    const { flags, change } = flagChanges(peer);
    writeLinkHeader(nested, peer.index ?? 0, flags, change);
    writeCommonAttributes(nested, peer);
  });
}
