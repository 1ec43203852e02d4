import { type IpvlanAttributes, ipvlanFields } from './ipvlan.js';
import { kindOfFields } from './kind.js';

/** An ipvlan whose packets a program reads and writes through `/dev/tapN`. */
export interface IpvtapAttributes extends IpvlanAttributes {}

export const ipvtap = kindOfFields<IpvtapAttributes>('ipvtap', ipvlanFields, { hasParent: true });
