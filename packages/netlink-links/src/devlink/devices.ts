import type { AttributeReader } from '../message/attribute-reader.js';
import { bool, type Fields, fieldReader, readOnly, text } from '../message/fields.js';
import type { WithUnknown } from '../message/unknown-attribute.js';
import type { Operation } from '../operation/operation.js';
import {
  DEVLINK_ATTR_BUS_NAME,
  DEVLINK_ATTR_DEV_NAME,
  DEVLINK_ATTR_PAD,
  DEVLINK_ATTR_RELOAD_FAILED,
  DEVLINK_CMD_GET,
} from '../uapi/devlink.js';
import { devlinkListing } from './request.js';

/** A device that can be managed by devlink, a network card mostly; devlink-dev(8). */
export interface DevlinkDevice extends WithUnknown {
  /** `'pci'`, `'auxiliary'`, `'netdevsim'`. */
  readonly bus: string;
  /** Its name on the bus: `'0000:03:00.0'`. */
  readonly device: string;
  /** Whether its driver could not start again after a reload. */
  readonly reloadFailed?: boolean | undefined;
}

/** What names the device in every message. */
export const DEVICE: Fields<Pick<DevlinkDevice, 'bus' | 'device'>> = {
  bus: readOnly(text(DEVLINK_ATTR_BUS_NAME)),
  device: readOnly(text(DEVLINK_ATTR_DEV_NAME)),
};

const read = fieldReader<Omit<DevlinkDevice, 'unknown'>>(
  { ...DEVICE, reloadFailed: readOnly(bool(DEVLINK_ATTR_RELOAD_FAILED)) },
  [],
  [DEVLINK_ATTR_PAD],
);

/** Reads a device. */
export function readDevice(attributes: AttributeReader): DevlinkDevice {
  const device = { bus: '', device: '' };
  read(attributes, device);
  return device;
}

/**
 * Lists the devices that can be managed by devlink. `devlink dev`.
 *
 * @throws NetlinkError when it runs: `ENOENT` where the kernel lacks the family `devlink`
 */
export function devlinkList(): Operation<DevlinkDevice[]> {
  const identity = { name: 'devlinkList', description: 'list the devlink devices', target: 'devlink devices' };
  return devlinkListing(identity, DEVLINK_CMD_GET, readDevice);
}
