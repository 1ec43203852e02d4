import { InvalidOptionError } from 'netns-core';
import type { AttributeReader } from '../message/attribute-reader.js';
import { checkProperties, propertiesOf } from '../message/checks.js';
import { checkFields, type Fields, fieldReader, named, u8, u16, writeFields } from '../message/fields.js';
import type { MessageWriter } from '../message/message-writer.js';
import { checkUnknown, type WithUnknown, writeUnknown } from '../message/unknown-attribute.js';
import type { Operation } from '../operation/operation.js';
import {
  DEVLINK_ATTR_ESWITCH_ENCAP_MODE,
  DEVLINK_ATTR_ESWITCH_INLINE_MODE,
  DEVLINK_ATTR_ESWITCH_MODE,
  DEVLINK_CMD_ESWITCH_GET,
  DEVLINK_CMD_ESWITCH_SET,
} from '../uapi/devlink.js';
import { DEVICE, type DevlinkDevice } from './devices.js';
import type { DevlinkReference } from './reference.js';
import { devlinkChange, devlinkReading } from './request.js';

const MODES = { legacy: 0, switchdev: 1 } as const;
const INLINE_MODES = { none: 0, link: 1, network: 2, transport: 3 } as const;
const ENCAP_MODES = { none: 0, basic: 1 } as const;

/** What can be said of the switch between the functions of a device. What is left out stays as it is. */
export interface DevlinkEswitchSettings extends WithUnknown {
  /** Whether the switch is set up by what a driver does, or by links that represent the functions. */
  readonly mode?: keyof typeof MODES | number | undefined;
  /** How much of a packet's headers a virtual function must put into its descriptor. */
  readonly inlineMode?: keyof typeof INLINE_MODES | number | undefined;
  /** Whether the switch can wrap packets in tunnels. */
  readonly encapMode?: keyof typeof ENCAP_MODES | number | undefined;
}

/** The switch between the functions of a device. What the driver does not tell is absent. */
export interface DevlinkEswitch extends Pick<DevlinkDevice, 'bus' | 'device'>, DevlinkEswitchSettings {}

const PROPERTIES = propertiesOf<DevlinkEswitchSettings, DevlinkEswitch>(
  { mode: 'set', inlineMode: 'set', encapMode: 'set', unknown: 'set', bus: 'told', device: 'told' },
  { 'inline-mode': 'inlineMode', 'encap-mode': 'encapMode', encap: 'encapMode' },
);

const FIELDS: Fields<DevlinkEswitchSettings> = {
  mode: named(u16(DEVLINK_ATTR_ESWITCH_MODE), MODES),
  inlineMode: named(u8(DEVLINK_ATTR_ESWITCH_INLINE_MODE), INLINE_MODES),
  encapMode: named(u8(DEVLINK_ATTR_ESWITCH_ENCAP_MODE), ENCAP_MODES),
};

const read = fieldReader<Omit<DevlinkEswitch, 'unknown'>>({ ...DEVICE, ...FIELDS });

/** Reads the switch of a device. */
export function readEswitch(attributes: AttributeReader): DevlinkEswitch {
  const eswitch = { bus: '', device: '' };
  read(attributes, eswitch);
  return eswitch;
}

/** Writes what is to change. */
export function writeEswitch(writer: MessageWriter, settings: DevlinkEswitchSettings): void {
  writeFields(writer, FIELDS, settings);
  if (settings.unknown !== undefined) writeUnknown(writer, settings.unknown);
}

/**
 * Reads the switch between the functions of a device. `devlink dev eswitch show`.
 *
 * @throws InvalidOptionError
 * @throws NetlinkError when it runs: `ENODEV` where there is no such device, `EOPNOTSUPP` where it has no switch
 */
export function devlinkEswitchGet(device: DevlinkReference): Operation<DevlinkEswitch> {
  return devlinkReading('devlinkEswitchGet', 'read the eswitch of', device, DEVLINK_CMD_ESWITCH_GET, readEswitch);
}

/**
 * Changes the switch between the functions of a device; what is left out stays as it is. What was read can be given.
 *
 * ```ts
 * devlinkEswitchSet('pci/0000:03:00.0', { mode: 'switchdev' });
 * ```
 *
 * @throws InvalidOptionError
 * @throws NetlinkError when it runs: `ENODEV` where there is no such device, `EOPNOTSUPP` where it has no switch
 */
export function devlinkEswitchSet(device: DevlinkReference, settings: DevlinkEswitchSettings): Operation<void> {
  checkProperties(settings, 'devlinkEswitchSet', PROPERTIES);
  checkFields(FIELDS, settings);
  checkUnknown(settings.unknown);
  if ([...Object.keys(FIELDS), 'unknown'].every((key) => settings[key as keyof DevlinkEswitchSettings] === undefined))
    throw new InvalidOptionError(
      'settings',
      `devlinkEswitchSet needs at least one of ${Object.keys(FIELDS).join(', ')}`,
    );
  const wanted = { ...settings };
  return devlinkChange('devlinkEswitchSet', 'set the eswitch of', device, DEVLINK_CMD_ESWITCH_SET, (writer) =>
    writeEswitch(writer, wanted),
  );
}
