import { InvalidOptionError } from 'netns-core';
import { propertiesOf } from '../message/checks.js';
import { u32 } from '../message/fields.js';
import { LWT_XFRM_IF_ID, LWT_XFRM_LINK } from '../uapi/lwtunnel.js';
import { encapOfFields } from './kind.js';

/** The policies that packets to an XFRM link with `collectMetadata` are for; Linux 6.1. */
export interface XfrmEncap {
  readonly type: 'xfrm';
  /** Of the policies and states: 1 to 2³² - 1. */
  readonly ifId: number;
  /** Index of the link below. */
  readonly link?: number | undefined;
}

/** `<linux/lwtunnel.h>`, `LWT_XFRM_…` */
export const xfrm = encapOfFields<Omit<XfrmEncap, 'type'>>(
  propertiesOf<XfrmEncap>({ type: 'set', ifId: 'set', link: 'set' }, { if_id: 'ifId', dev: 'link', link_dev: 'link' }),
  { ifId: u32(LWT_XFRM_IF_ID, 1), link: u32(LWT_XFRM_LINK, 1, 0x7fffffff) },
  {
    also({ ifId }, property) {
      if (ifId === undefined)
        throw new InvalidOptionError(`${property}.ifId`, `${property}.ifId is missing: the id of an XFRM link`);
    },
  },
);
