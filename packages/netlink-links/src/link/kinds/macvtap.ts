import { kindOfFields } from './kind.js';
import { type MacvlanAttributes, macvlanFields, macvlanOptions } from './macvlan.js';

/** A macvlan whose packets a program reads and writes through `/dev/tapN`. */
export interface MacvtapAttributes extends MacvlanAttributes {}

export const macvtap = kindOfFields<MacvtapAttributes>('macvtap', macvlanFields, macvlanOptions);
