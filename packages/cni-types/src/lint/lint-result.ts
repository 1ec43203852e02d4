import { type DocumentValue, shown } from '../document-value.js';
import { checkCidr, checkIp, versionOf } from '../ip-address.js';
import { checkResult } from '../parse-result.js';
import { atLeast, type CniVersion } from '../versions.js';
import type { Findings } from './finding.js';
import { lintDns } from './lint-dns.js';
import { lintRoute } from './lint-route.js';

const HARDWARE_ADDRESS = /^[0-9a-f]{2}(?:[:-][0-9a-f]{2})+$/i;

/** Lints a result that is part of a document. */
export function lintResult(result: DocumentValue, version: CniVersion, findings: Findings): void {
  findings.check(() => checkResult(result, version));
  findings.check(() => {
    result.object();
    if (atLeast(version, '0.3.0')) {
      lintEach(result.at('interfaces'), (each) => lintInterface(each), findings);
      lintEach(result.at('ips'), (ip) => lintIp(ip, result.at('interfaces'), version), findings);
      lintEach(result.at('routes'), lintRoute, findings);
    } else
      for (const family of ['4', '6'] as const)
        result.at(`ip${family}`).optional((ip) => lintIpOfFamily(ip, family, findings));
  });
  lintDns(result.at('dns'), findings);
}

function lintEach(list: DocumentValue, lint: (element: DocumentValue) => void, findings: Findings): void {
  list.optional(() =>
    findings.check(() => {
      for (const element of list.list()) findings.check(() => lint(element));
    }),
  );
}

function lintInterface(value: DocumentValue): void {
  if (value.object().at('name').string() === '') value.at('name').fail('must not be empty');
  value.at('mac').optional((mac) => {
    const text = mac.string();
    if (text !== '' && !HARDWARE_ADDRESS.test(text)) mac.fail(`${shown(text)} is not a hardware address`);
  });
  value.at('mtu').optional((mtu) => mtu.integer(0, 0xffff_ffff));
}

function lintGateway(gateway: DocumentValue, family: string, address: unknown): void {
  gateway.optional(() => {
    if (gateway.value !== '' && versionOf(checkIp(gateway)) !== family)
      gateway.fail(`${shown(gateway.value)} is not of the family of ${shown(address)}`);
  });
}

function lintIp(ip: DocumentValue, interfaces: DocumentValue, version: CniVersion): void {
  const address = ip.object().at('address');
  const family = versionOf(checkCidr(address));
  lintGateway(ip.at('gateway'), family, address.value);
  if (!atLeast(version, '1.0.0')) {
    const declared = ip.at('version');
    const text = declared.string();
    if (text !== '4' && text !== '6') declared.fail(`is ${shown(text)}, neither "4" nor "6"`);
    if (text !== family) declared.fail(`is ${shown(text)}, but ${shown(address.value)} is of version ${family}`);
  }
  ip.at('interface').optional((index) => {
    const number = index.integer(0);
    const count = Array.isArray(interfaces.value) ? interfaces.value.length : undefined;
    if (count !== undefined && number >= count)
      index.fail(`is ${number}, but there ${count === 1 ? 'is 1 interface' : `are ${count} interfaces`}`);
  });
}

function lintIpOfFamily(value: DocumentValue, family: '4' | '6', findings: Findings): void {
  findings.check(() => {
    const ip = value.object().at('ip');
    if (versionOf(checkCidr(ip)) !== family) ip.fail(`${shown(ip.value)} is not an IPv${family} address`);
    lintGateway(value.at('gateway'), family, ip.value);
  });
  lintEach(value.at('routes'), lintRoute, findings);
}
