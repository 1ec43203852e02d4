import { checkProperties, mustBe, propertiesOf } from '../../message/checks.js';
import type { Field } from '../../message/fields.js';

/** The UDP ports that packets are sent from. */
export interface PortRange {
  readonly low: number;
  readonly high: number;
}

const PROPERTIES = propertiesOf<PortRange>({ low: 'set', high: 'set' });

/** `struct ifla_vxlan_port_range`, `struct ifla_geneve_port_range`: low and high, in network byte order. */
export const portRange = (attribute: number): Field<PortRange> => ({
  attribute,
  read: (data) => ({ low: data.u16beAt(0), high: data.u16beAt(2) }),
  check(property, value) {
    checkProperties(value, property, PROPERTIES);
    const { low, high } = value as { low?: unknown; high?: unknown };
    for (const port of [low, high])
      if (typeof port !== 'number' || !Number.isInteger(port) || port < 0 || port > 0xffff)
        throw mustBe(property, '{ low, high } with integers from 0 to 65535', port);
  },
  write(writer, type, { low, high }) {
    writer.struct(type, 4, (view, at) => {
      view.setUint16(at, low, false);
      view.setUint16(at + 2, high, false);
    });
  },
});
