import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { mustBe } from '../message/checks.js';
import type { MessageWriter } from '../message/message-writer.js';
import { DEVLINK_ATTR_BUS_NAME, DEVLINK_ATTR_DEV_NAME } from '../uapi/devlink.js';

/** A device of devlink, as `devlink` names it (`'pci/0000:03:00.0'`), or as it was read. */
export type DevlinkReference = string | { readonly bus: string; readonly device: string };

/** The two names of a device. */
export interface CheckedDevice {
  readonly bus: string;
  readonly device: string;
}

/** Checks a device, which may be one as it was read. @throws InvalidOptionError */
export function checkDevice(reference: unknown): CheckedDevice {
  const EXPECTED = "a device, for example 'pci/0000:03:00.0' or { bus, device }";
  if (typeof reference === 'string') {
    const [bus = '', device = '', ...rest] = reference.split('/');
    if (bus === '' || device === '' || rest.length > 0 || reference.includes('\0'))
      throw mustBe('device', EXPECTED, reference);
    return { bus, device };
  }
  if (typeof reference !== 'object' || reference === null || Array.isArray(reference))
    throw mustBe('device', EXPECTED, reference);
  const { bus, device } = reference as Partial<CheckedDevice>;
  for (const [property, name] of [
    ['bus', bus],
    ['device', device],
  ] as const)
    if (typeof name !== 'string' || name === '' || name.includes('\0'))
      throw new InvalidOptionError(`device.${property}`, `device.${property} must be a name, got ${shown(name)}`);
  return { bus: bus as string, device: device as string };
}

/** How a device reads in errors. */
export function describeDevice({ bus, device }: CheckedDevice): string {
  return `${bus}/${device}`;
}

/** Writes which device is meant. */
export function writeDevice(writer: MessageWriter, { bus, device }: CheckedDevice): void {
  writer.string(DEVLINK_ATTR_BUS_NAME, bus).string(DEVLINK_ATTR_DEV_NAME, device);
}
