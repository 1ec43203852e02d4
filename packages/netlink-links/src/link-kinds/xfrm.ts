import { flag, u32 } from './fields.js';
import { kindOfFields } from './kind.js';

/** A link through which IPsec policies with its identifier apply. */
export interface XfrmAttributes {
  /** Index of the link below; without it, packets go where routes lead them. */
  underlayIndex?: number;
  /** The identifier that policies and states refer to; not 0. */
  interfaceId?: number;
  collectMetadata?: boolean;
}

/** `<linux/if_link.h>`, `IFLA_XFRM_…` */
export const xfrm = kindOfFields<XfrmAttributes>(
  'xfrm',
  {
    interfaceId: u32(2),
    underlayIndex: u32(1),
    collectMetadata: flag(3),
  },
  {
    synonyms: { dev: 'underlayIndex', link: 'underlayIndex', if_id: 'interfaceId', external: 'collectMetadata' },
    addressLength: 0,
  },
);
