import { NamedNumbers } from '../../message/named-numbers.js';
import {
  IFLA_VF_LINK_STATE_AUTO,
  IFLA_VF_LINK_STATE_DISABLE,
  IFLA_VF_LINK_STATE_ENABLE,
} from '../../uapi/if-link-vf.js';
import { ETH_P_8021AD, ETH_P_8021Q } from '../../uapi/if-vlan.js';

/** `IFLA_VF_LINK_STATE_…` */
export const vfLinkStates = new NamedNumbers(
  'linkState',
  { auto: IFLA_VF_LINK_STATE_AUTO, enable: IFLA_VF_LINK_STATE_ENABLE, disable: IFLA_VF_LINK_STATE_DISABLE },
  0xffffffff,
);

/** EtherTypes of VLAN tags. */
export const vlanProtocols = new NamedNumbers('protocol', { '802.1q': ETH_P_8021Q, '802.1ad': ETH_P_8021AD }, 0xffff);

/** Rates are whole megabits per second to the kernel. */
export const MEGABIT = 1_000_000;
