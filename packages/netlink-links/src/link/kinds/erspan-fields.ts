import { InvalidOptionError } from 'netns-core';
import { type Fields, named, u8, u16, u32 } from '../../message/fields.js';
import { IFLA_GRE_ERSPAN_DIR, IFLA_GRE_ERSPAN_HWID, IFLA_GRE_ERSPAN_INDEX } from '../../uapi/if-tunnel.js';
import type { LinkKind } from './kind.js';

/** What ERSPAN tunnels have, over IPv4 and IPv6. */
export interface ErspanCommon {
  /** 0, 1 (the kernel's default) or 2. */
  readonly erspanVersion?: number;
  /** Version 1: the index of the mirrored port, 20 bits. */
  readonly erspanIndex?: number;
  /** Version 2: which packets are mirrored. */
  readonly erspanDirection?: 'ingress' | 'egress' | number;
  /** Version 2: which of a switch's engines mirrors, 0 to 63. */
  readonly erspanHardwareId?: number;
}

const MAX_INDEX = 0xfffff;
const MAX_HARDWARE_ID = 0x3f;

/** `<linux/if_tunnel.h>`, `IFLA_GRE_ERSPAN_…`, without the version. */
export const erspanFields: Fields<Omit<ErspanCommon, 'erspanVersion'>> = {
  erspanIndex: u32(IFLA_GRE_ERSPAN_INDEX, 0, MAX_INDEX),
  erspanDirection: named(u8(IFLA_GRE_ERSPAN_DIR), { ingress: 0, egress: 1 }),
  erspanHardwareId: u16(IFLA_GRE_ERSPAN_HWID, 0, MAX_HARDWARE_ID),
};

/** Refuses what belongs to another version than the one that is given; the kernel would ignore it. */
export function withErspanChecks<A extends ErspanCommon>(kind: LinkKind<A>): LinkKind<A> {
  return {
    ...kind,
    check(link) {
      kind.check(link);
      const { erspanVersion: version, erspanIndex, erspanDirection, erspanHardwareId } = link;
      if (version === 2 && erspanIndex !== undefined)
        throw new InvalidOptionError('erspanIndex', 'erspanIndex is for version 1: version 2 has a direction instead');
      if ((version === 0 || version === 1) && (erspanDirection !== undefined || erspanHardwareId !== undefined))
        throw new InvalidOptionError(
          erspanDirection === undefined ? 'erspanHardwareId' : 'erspanDirection',
          `erspanDirection and erspanHardwareId are for version 2, got version ${version}`,
        );
    },
  };
}
