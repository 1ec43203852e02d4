import { flag, u32 } from '../../message/fields.js';
import { IFLA_XFRM_COLLECT_METADATA, IFLA_XFRM_IF_ID, IFLA_XFRM_LINK } from '../../uapi/if-link-kinds.js';
import { kindOfFields } from './kind.js';

/** A link through which IPsec policies with its identifier apply. */
export interface XfrmAttributes {
  /** Index of the link below; without it, packets go where routes lead them. */
  readonly underlayIndex?: number;
  /** The identifier that policies and states refer to; not 0. */
  readonly interfaceId?: number;
  readonly collectMetadata?: boolean;
}

/** `<linux/if_link.h>`, `IFLA_XFRM_…` */
export const xfrm = kindOfFields<XfrmAttributes>(
  'xfrm',
  {
    interfaceId: u32(IFLA_XFRM_IF_ID),
    underlayIndex: u32(IFLA_XFRM_LINK),
    collectMetadata: flag(IFLA_XFRM_COLLECT_METADATA),
  },
  {
    synonyms: { dev: 'underlayIndex', link: 'underlayIndex', if_id: 'interfaceId', external: 'collectMetadata' },
    addressLength: 0,
  },
);
