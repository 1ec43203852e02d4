import type { MessageWriter } from '../message/message-writer.js';
import { type WithUnknown, writeUnknown } from '../message/unknown-attribute.js';
import { writeLinkHeader, writeLookupName } from '../operation/link-reference.js';
import { IFLA_INFO_DATA, IFLA_INFO_KIND, IFLA_LINKINFO } from '../uapi/if-link.js';
import type { NewLinkSettings } from './attributes/settings.js';
import { flagChanges, type Related, writeCommonAttributes, writeUnknownInside } from './attributes/write.js';
import { linkKind } from './check.js';

/** What of a link is known only once the operation runs. */
export interface ResolvedLink {
  /** The link: 0 for a new one, to which the kernel gives an index. */
  readonly subject: string | number;
  readonly related: Related;
  /** What is particular to the kind, where that is more than the settings say. */
  readonly kindOf?: WithUnknown & { readonly type?: string | undefined };
  /** How many bytes the link's addresses have. */
  readonly addressLength?: number | undefined;
}

/**
 * Writes `struct ifinfomsg` and the attributes of a link that is made or changed. The settings have been checked.
 *
 * @param isNew some kinds want their attribute even if there is nothing in it
 */
export function writeLink(
  writer: MessageWriter,
  link: NewLinkSettings & { readonly type?: string | undefined },
  { subject, related, kindOf = link, addressLength }: ResolvedLink,
  isNew: boolean,
): void {
  const { flags, change } = flagChanges(link);
  writeLinkHeader(writer, typeof subject === 'number' ? subject : 0, flags, change);
  writeCommonAttributes(writer, link, related, addressLength);
  if (typeof subject === 'string') writeLookupName(writer, subject);
  writer.nest(
    IFLA_LINKINFO,
    (info) => {
      writeKind(info, kindOf, isNew);
      writeUnknownInside(info, IFLA_LINKINFO, link.unknownCommon ?? []);
    },
    false,
    false,
  );
}

/** Writes the kind of a link with its data into `IFLA_LINKINFO`. */
function writeKind(
  info: MessageWriter,
  link: WithUnknown & { readonly type?: string | undefined },
  isNew: boolean,
): void {
  const { type, unknown = [] } = link;
  const kind = linkKind(type);
  if (kind === undefined || type === 'device') return;
  const kernelName = type === 'generic' ? ((link as { kind?: string }).kind ?? '') : kind.kernelName;
  // iproute2 sends the name without a NUL at its end.
  info.bareString(IFLA_INFO_KIND, kernelName);
  info.nest(
    IFLA_INFO_DATA,
    (data) => {
      kind.write(data, link);
      writeUnknown(data, unknown);
    },
    false,
    isNew && kind.alwaysData === true,
  );
}
