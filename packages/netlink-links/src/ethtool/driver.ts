import { MessageBytes } from '../message/message-bytes.js';
import type { LinkReference } from '../operation/link-reference.js';
import type { Operation } from '../operation/operation.js';
import {
  ETHTOOL_DRVINFO_BUS_INFO,
  ETHTOOL_DRVINFO_DRIVER,
  ETHTOOL_DRVINFO_FW_VERSION,
  ETHTOOL_DRVINFO_TEXT_LEN,
  ETHTOOL_DRVINFO_VERSION,
  ETHTOOL_GDRVINFO,
  SIZEOF_ETHTOOL_DRVINFO,
} from '../uapi/ethtool.js';
import { controlOperation, textAt } from './control.js';
import { ethtoolSubject } from './request.js';

/** What drives a device; `ethtool -i`. */
export interface EthtoolDriver {
  /** `'veth'`, `'ixgbe'`. */
  readonly driver: string;
  /** Of the driver; most give that of the kernel. */
  readonly version: string;
  /** Where the device is, `'0000:00:1f.6'` on PCI; empty for devices of software. */
  readonly busInfo: string;
  /** Of the device's own program; empty where it has none. */
  readonly firmwareVersion: string;
}

/**
 * Reads what drives a device.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 * @throws NetlinkError when it runs: `EOPNOTSUPP` where the driver does not say, as that of `lo`
 */
export function ethtoolDriverGet(link: LinkReference): Operation<EthtoolDriver> {
  return controlOperation(ethtoolSubject('ethtoolDriverGet', 'read the driver of', link), (command) => {
    const info = new MessageBytes(SIZEOF_ETHTOOL_DRVINFO);
    info.u32[0] = ETHTOOL_GDRVINFO;
    const result = command(info);
    if (result < 0) return { errno: -result };
    const text = (offset: number): string => textAt(info, offset, ETHTOOL_DRVINFO_TEXT_LEN);
    return {
      value: {
        driver: text(ETHTOOL_DRVINFO_DRIVER),
        version: text(ETHTOOL_DRVINFO_VERSION),
        busInfo: text(ETHTOOL_DRVINFO_BUS_INFO),
        firmwareVersion: text(ETHTOOL_DRVINFO_FW_VERSION),
      },
    };
  });
}
