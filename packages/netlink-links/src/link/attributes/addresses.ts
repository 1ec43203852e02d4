import {
  ETHERNET_ADDRESS_LENGTH,
  isEthernetAddress,
  parseHardwareAddress,
  parseLinkAddress,
} from '../../message/hardware-address.js';

interface AddressSettings {
  readonly hardwareAddr?: string | undefined;
  readonly broadcast?: string | undefined;
}

/** Whether an address is given of which only the link itself tells whether it fits. */
export function needsAddressLength({ hardwareAddr, broadcast }: AddressSettings): boolean {
  return [hardwareAddr, broadcast].some((text) => text !== undefined && text !== '' && !isEthernetAddress(text));
}

/**
 * The bytes of a link's addresses. A link that was read without an address has '' there, which says nothing.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 */
export function linkAddresses(
  { hardwareAddr, broadcast }: AddressSettings,
  length = ETHERNET_ADDRESS_LENGTH,
): { readonly hardwareAddr: Uint8Array | undefined; readonly broadcast: Uint8Array | undefined } {
  return {
    hardwareAddr:
      hardwareAddr === undefined || hardwareAddr === '' ? undefined : parseLinkAddress(hardwareAddr, length),
    broadcast:
      broadcast === undefined || broadcast === '' ? undefined : parseHardwareAddress(broadcast, length, 'broadcast'),
  };
}
