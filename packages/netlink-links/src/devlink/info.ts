import type { AttributeReader } from '../message/attribute-reader.js';
import { fieldReader, readOnly, text } from '../message/fields.js';
import { type KeptUnknown, readInside, type WithUnknown } from '../message/unknown-attribute.js';
import type { Operation } from '../operation/operation.js';
import {
  DEVLINK_ATTR_INFO_BOARD_SERIAL_NUMBER,
  DEVLINK_ATTR_INFO_DRIVER_NAME,
  DEVLINK_ATTR_INFO_SERIAL_NUMBER,
  DEVLINK_ATTR_INFO_VERSION_FIXED,
  DEVLINK_ATTR_INFO_VERSION_NAME,
  DEVLINK_ATTR_INFO_VERSION_RUNNING,
  DEVLINK_ATTR_INFO_VERSION_STORED,
  DEVLINK_ATTR_INFO_VERSION_VALUE,
  DEVLINK_CMD_INFO_GET,
} from '../uapi/devlink.js';
import { DEVICE, type DevlinkDevice } from './devices.js';
import type { DevlinkReference } from './reference.js';
import { devlinkReading } from './request.js';

/** What a device is, and which programs are in it; devlink-dev(8). What the driver does not tell is absent. */
export interface DevlinkInfo extends Pick<DevlinkDevice, 'bus' | 'device'>, WithUnknown {
  readonly driver?: string | undefined;
  readonly serialNumber?: string | undefined;
  readonly boardSerialNumber?: string | undefined;
  /** Of the parts of the device, by their names: `'fw.mgmt'`, `'board.id'`. */
  readonly versions: {
    /** Of what cannot be changed. */
    readonly fixed: Readonly<Record<string, string>>;
    readonly running: Readonly<Record<string, string>>;
    /** Of what will run after the next start. */
    readonly stored: Readonly<Record<string, string>>;
  };
}

const KINDS: Readonly<Record<number, keyof DevlinkInfo['versions']>> = {
  [DEVLINK_ATTR_INFO_VERSION_FIXED]: 'fixed',
  [DEVLINK_ATTR_INFO_VERSION_RUNNING]: 'running',
  [DEVLINK_ATTR_INFO_VERSION_STORED]: 'stored',
};

function readVersion(version: AttributeReader, notKnown: () => void): [name: string, value: string] {
  let name = '';
  let value = '';
  while (version.next())
    if (version.type === DEVLINK_ATTR_INFO_VERSION_NAME) name = version.string();
    else if (version.type === DEVLINK_ATTR_INFO_VERSION_VALUE) value = version.string();
    else notKnown();
  return [name, value];
}

const read = fieldReader<Omit<DevlinkInfo, 'unknown'>>(
  {
    ...DEVICE,
    driver: readOnly(text(DEVLINK_ATTR_INFO_DRIVER_NAME)),
    serialNumber: readOnly(text(DEVLINK_ATTR_INFO_SERIAL_NUMBER)),
    boardSerialNumber: readOnly(text(DEVLINK_ATTR_INFO_BOARD_SERIAL_NUMBER)),
  },
  [
    {
      properties: ['versions'],
      attributes: Object.keys(KINDS).map(Number),
      read(data, into) {
        const kind = KINDS[data.type];
        const { versions } = into;
        if (kind === undefined || versions === undefined) return;
        readInside(data, into as KeptUnknown, (version, notKnown) => {
          const [name, value] = readVersion(version, notKnown);
          into.versions = { ...versions, [kind]: { ...versions[kind], [name]: value } };
        });
      },
      check() {},
      write() {},
    },
  ],
);

/** Reads what a device is. */
export function readInfo(attributes: AttributeReader): DevlinkInfo {
  const info: DevlinkInfo = { bus: '', device: '', versions: { fixed: {}, running: {}, stored: {} } };
  read(attributes, info);
  return info;
}

/**
 * Reads what a device is, and which programs are in it. `devlink dev info`.
 *
 * @throws InvalidOptionError
 * @throws NetlinkError when it runs: `ENODEV` where there is no such device, `EOPNOTSUPP` where its driver does not tell
 */
export function devlinkInfoGet(device: DevlinkReference): Operation<DevlinkInfo> {
  return devlinkReading('devlinkInfoGet', 'read the information of', device, DEVLINK_CMD_INFO_GET, readInfo);
}
