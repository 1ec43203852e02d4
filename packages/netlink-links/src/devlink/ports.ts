import type { AttributeReader } from '../message/attribute-reader.js';
import { bool, fieldReader, hardwareAddress, named, readOnly, text, u8, u16, u32 } from '../message/fields.js';
import type { WithUnknown } from '../message/unknown-attribute.js';
import type { Operation } from '../operation/operation.js';
import {
  DEVLINK_ATTR_PAD,
  DEVLINK_ATTR_PORT_CONTROLLER_NUMBER,
  DEVLINK_ATTR_PORT_DESIRED_TYPE,
  DEVLINK_ATTR_PORT_EXTERNAL,
  DEVLINK_ATTR_PORT_FLAVOUR,
  DEVLINK_ATTR_PORT_FUNCTION,
  DEVLINK_ATTR_PORT_IBDEV_NAME,
  DEVLINK_ATTR_PORT_INDEX,
  DEVLINK_ATTR_PORT_LANES,
  DEVLINK_ATTR_PORT_NETDEV_IFINDEX,
  DEVLINK_ATTR_PORT_NETDEV_NAME,
  DEVLINK_ATTR_PORT_NUMBER,
  DEVLINK_ATTR_PORT_PCI_PF_NUMBER,
  DEVLINK_ATTR_PORT_PCI_SF_NUMBER,
  DEVLINK_ATTR_PORT_PCI_VF_NUMBER,
  DEVLINK_ATTR_PORT_SPLIT_COUNT,
  DEVLINK_ATTR_PORT_SPLIT_GROUP,
  DEVLINK_ATTR_PORT_SPLIT_SUBPORT_NUMBER,
  DEVLINK_ATTR_PORT_SPLITTABLE,
  DEVLINK_ATTR_PORT_TYPE,
  DEVLINK_CMD_PORT_GET,
  DEVLINK_PORT_FN_ATTR_OPSTATE,
  DEVLINK_PORT_FN_ATTR_STATE,
  DEVLINK_PORT_FUNCTION_ATTR_HW_ADDR,
} from '../uapi/devlink.js';
import { DEVICE, type DevlinkDevice } from './devices.js';
import { devlinkListing } from './request.js';

const TYPES = { notset: 0, auto: 1, eth: 2, ib: 3 } as const;
/** `enum devlink_port_flavour`, with the names that `devlink` gives them. */
const FLAVOURS = {
  physical: 0,
  cpu: 1,
  dsa: 2,
  pcipf: 3,
  pcivf: 4,
  virtual: 5,
  unused: 6,
  pcisf: 7,
} as const;
const STATES = { inactive: 0, active: 1 } as const;
const OP_STATES = { detached: 0, attached: 1 } as const;

/** The function of a PCI device that a port leads to. */
export interface DevlinkPortFunction extends WithUnknown {
  readonly hardwareAddr?: string | undefined;
  readonly state?: keyof typeof STATES | number | undefined;
  /** Whether a driver has it. */
  readonly opState?: keyof typeof OP_STATES | number | undefined;
}

/** A port of a device; devlink-port(8). What the driver does not tell is absent. */
export interface DevlinkPort extends Pick<DevlinkDevice, 'bus' | 'device'>, WithUnknown {
  /** Its number on the device. */
  readonly index: number;
  readonly type?: keyof typeof TYPES | number | undefined;
  readonly desiredType?: keyof typeof TYPES | number | undefined;
  /** Index and name of its link, where it is Ethernet. */
  readonly ifindex?: number | undefined;
  readonly linkName?: string | undefined;
  /** Name of its device, where it is InfiniBand. */
  readonly ibDevice?: string | undefined;
  /** What it is: `'physical'`, `'pcivf'` for what represents a virtual function, … */
  readonly flavour?: keyof typeof FLAVOURS | number | undefined;
  /** The number that is printed beside a physical port. */
  readonly number?: number | undefined;
  readonly splitCount?: number | undefined;
  readonly splitGroup?: number | undefined;
  readonly splitSubport?: number | undefined;
  readonly lanes?: number | undefined;
  readonly splittable?: boolean | undefined;
  /** Numbers of the controller, and of the physical, virtual or sub-function, that it represents. */
  readonly controller?: number | undefined;
  /** Whether the function is on another host's controller. */
  readonly external?: boolean | undefined;
  readonly pfNumber?: number | undefined;
  readonly vfNumber?: number | undefined;
  readonly sfNumber?: number | undefined;
  readonly function?: DevlinkPortFunction | undefined;
}

const readFunction = fieldReader<Omit<DevlinkPortFunction, 'unknown'>>({
  hardwareAddr: readOnly(hardwareAddress(DEVLINK_PORT_FUNCTION_ATTR_HW_ADDR)),
  state: readOnly(named(u8(DEVLINK_PORT_FN_ATTR_STATE), STATES)),
  opState: readOnly(named(u8(DEVLINK_PORT_FN_ATTR_OPSTATE), OP_STATES)),
});

const read = fieldReader<Omit<DevlinkPort, 'unknown'>>(
  {
    ...DEVICE,
    index: readOnly(u32(DEVLINK_ATTR_PORT_INDEX)),
    type: readOnly(named(u16(DEVLINK_ATTR_PORT_TYPE), TYPES)),
    desiredType: readOnly(named(u16(DEVLINK_ATTR_PORT_DESIRED_TYPE), TYPES)),
    ifindex: readOnly(u32(DEVLINK_ATTR_PORT_NETDEV_IFINDEX)),
    linkName: readOnly(text(DEVLINK_ATTR_PORT_NETDEV_NAME)),
    ibDevice: readOnly(text(DEVLINK_ATTR_PORT_IBDEV_NAME)),
    flavour: readOnly(named(u16(DEVLINK_ATTR_PORT_FLAVOUR), FLAVOURS)),
    number: readOnly(u32(DEVLINK_ATTR_PORT_NUMBER)),
    splitCount: readOnly(u32(DEVLINK_ATTR_PORT_SPLIT_COUNT)),
    splitGroup: readOnly(u32(DEVLINK_ATTR_PORT_SPLIT_GROUP)),
    splitSubport: readOnly(u32(DEVLINK_ATTR_PORT_SPLIT_SUBPORT_NUMBER)),
    lanes: readOnly(u32(DEVLINK_ATTR_PORT_LANES)),
    splittable: readOnly(bool(DEVLINK_ATTR_PORT_SPLITTABLE)),
    controller: readOnly(u32(DEVLINK_ATTR_PORT_CONTROLLER_NUMBER)),
    external: readOnly(bool(DEVLINK_ATTR_PORT_EXTERNAL)),
    pfNumber: readOnly(u16(DEVLINK_ATTR_PORT_PCI_PF_NUMBER)),
    vfNumber: readOnly(u16(DEVLINK_ATTR_PORT_PCI_VF_NUMBER)),
    sfNumber: readOnly(u32(DEVLINK_ATTR_PORT_PCI_SF_NUMBER)),
  },
  [
    {
      properties: ['function'],
      attributes: [DEVLINK_ATTR_PORT_FUNCTION],
      read(data, into) {
        const found = {};
        readFunction(data.nested(), found);
        into.function = found;
      },
      check() {},
      write() {},
    },
  ],
  [DEVLINK_ATTR_PAD],
);

/** Reads a port. */
export function readPort(attributes: AttributeReader): DevlinkPort {
  const port = { bus: '', device: '', index: 0 };
  read(attributes, port);
  return port;
}

/**
 * Lists the ports of the devices that can be managed by devlink. `devlink port`.
 *
 * @throws NetlinkError when it runs: `ENOENT` where the kernel lacks the family `devlink`
 */
export function devlinkPortList(): Operation<DevlinkPort[]> {
  const identity = { name: 'devlinkPortList', description: 'list the devlink ports', target: 'devlink ports' };
  return devlinkListing(identity, DEVLINK_CMD_PORT_GET, readPort);
}
