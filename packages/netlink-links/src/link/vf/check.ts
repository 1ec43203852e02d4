import { InvalidOptionError } from 'netns-core';
import { checkBoolean, checkInteger } from 'netns-core/checks';
import { checkProperties, mustBe, propertiesOf } from '../../message/checks.js';
import { hardwareAddressLength, isHardwareAddress, parseHardwareAddress } from '../../message/hardware-address.js';
import { checkUnknown, type UnknownAttribute } from '../../message/unknown-attribute.js';
import { MEGABIT, vfLinkStates, vlanProtocols } from './numbers.js';
import type { Vf, VfSettings, VfVlan } from './vf.js';

const PROPERTIES = propertiesOf<VfSettings, Vf>(
  {
    hardwareAddr: 'set',
    vlan: 'set',
    minTxRate: 'set',
    maxTxRate: 'set',
    linkState: 'set',
    spoofCheck: 'set',
    trust: 'set',
    rssQuery: 'set',
    nodeGuid: 'set',
    portGuid: 'set',
    unknown: 'set',
    vf: 'told',
    broadcast: 'told',
    statistics: 'told',
  },
  {
    mac: 'hardwareAddr',
    address: 'hardwareAddr',
    qos: 'vlan',
    rate: 'maxTxRate',
    max_tx_rate: 'maxTxRate',
    min_tx_rate: 'minTxRate',
    spoofchk: 'spoofCheck',
    state: 'linkState',
    query_rss: 'rssQuery',
    node_guid: 'nodeGuid',
    port_guid: 'portGuid',
  },
);

const VLAN_PROPERTIES = propertiesOf<VfVlan>(
  { id: 'set', qos: 'set', protocol: 'set' },
  { vlan: 'id', vid: 'id', proto: 'protocol' },
);

const MAX_VF = 0xffff;
const MAX_VLAN = 4095;
const GUID_LENGTH = 8;

/** Settings as the kernel has them. */
export interface CheckedVf {
  readonly vf: number;
  readonly hardwareAddr: Uint8Array | undefined;
  /** A list, which older drivers do not take, where one VLAN with an ordinary tag is not all. */
  readonly vlan: { readonly list: boolean; readonly vlans: readonly CheckedVlan[] } | undefined;
  /** Megabits per second. */
  readonly minTxRate: number | undefined;
  readonly maxTxRate: number | undefined;
  readonly linkState: number | undefined;
  readonly spoofCheck: boolean | undefined;
  readonly trust: boolean | undefined;
  readonly rssQuery: boolean | undefined;
  readonly nodeGuid: bigint | undefined;
  readonly portGuid: bigint | undefined;
  readonly unknown: readonly UnknownAttribute[];
}

interface CheckedVlan {
  readonly id: number;
  readonly qos: number;
  readonly protocol: number;
}

function checkVlan(vlan: VfVlan, property: string): CheckedVlan {
  checkProperties(vlan, property, VLAN_PROPERTIES);
  const { id, qos = 0, protocol = '802.1q' } = vlan;
  if (id === undefined) throw new InvalidOptionError(`${property}.id`, `${property} needs the \`id\` of the VLAN`);
  checkInteger(`${property}.id`, id, 0, MAX_VLAN);
  checkInteger(`${property}.qos`, qos, 0, 7);
  return { id, qos, protocol: vlanProtocols.number(protocol, `${property}.protocol`) };
}

function checkVlans(vlan: VfSettings['vlan']): CheckedVf['vlan'] {
  if (vlan === undefined) return undefined;
  if (!Array.isArray(vlan)) {
    const one = checkVlan(vlan as VfVlan, 'vlan');
    return { list: one.protocol !== vlanProtocols.number('802.1q'), vlans: [one] };
  }
  if (vlan.length === 0 || vlan.includes(undefined)) throw mustBe('vlan', 'a VLAN or an array of at least one', vlan);
  return { list: true, vlans: vlan.map((each, index) => checkVlan(each, `vlan[${index}]`)) };
}

function checkRate(property: string, rate: number | undefined): number | undefined {
  if (rate === undefined) return undefined;
  checkInteger(property, rate, 0, 0xffffffff * MEGABIT);
  if (rate % MEGABIT !== 0) throw mustBe(property, 'whole megabits, in bits per second', rate);
  return rate / MEGABIT;
}

function checkGuid(property: string, guid: string | undefined): bigint | undefined {
  if (guid === undefined) return undefined;
  const bytes = parseHardwareAddress(guid, GUID_LENGTH, property);
  return bytes.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

/** Checks what is to be set of a virtual function. @throws InvalidOptionError */
export function checkVf(vf: number, settings: VfSettings): CheckedVf {
  if (vf === undefined) throw mustBe('vf', 'the number of a virtual function', vf);
  checkInteger('vf', vf, 0, MAX_VF);
  checkProperties(settings, 'linkSetVf', PROPERTIES);
  const { hardwareAddr, linkState, spoofCheck, trust, rssQuery, unknown } = settings;
  for (const property of ['spoofCheck', 'trust', 'rssQuery'] as const) checkBoolean(property, settings[property]);
  checkUnknown(unknown);
  const checked: CheckedVf = {
    vf,
    hardwareAddr:
      hardwareAddr === undefined
        ? undefined
        : parseHardwareAddress(
            hardwareAddr,
            isHardwareAddress(hardwareAddr) ? hardwareAddressLength(hardwareAddr) : undefined,
          ),
    vlan: checkVlans(settings.vlan),
    minTxRate: checkRate('minTxRate', settings.minTxRate),
    maxTxRate: checkRate('maxTxRate', settings.maxTxRate),
    linkState: linkState === undefined ? undefined : vfLinkStates.number(linkState),
    spoofCheck,
    trust,
    rssQuery,
    nodeGuid: checkGuid('nodeGuid', settings.nodeGuid),
    portGuid: checkGuid('portGuid', settings.portGuid),
    unknown: unknown ?? [],
  };
  const { minTxRate = 0, maxTxRate = 0 } = checked;
  if (maxTxRate > 0 && minTxRate > maxTxRate)
    throw new InvalidOptionError(
      'minTxRate',
      `minTxRate ${settings.minTxRate} is more than maxTxRate ${settings.maxTxRate}`,
    );
  const { vf: _, unknown: __, ...rest } = checked;
  if (Object.values(rest).every((value) => value === undefined) && checked.unknown.length === 0)
    throw new InvalidOptionError('settings', `linkSetVf needs at least one of ${Object.keys(rest).join(', ')}`);
  return checked;
}
