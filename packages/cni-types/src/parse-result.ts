import { CniError, errorCodes } from './cni-error.js';
import { checkDns } from './dns.js';
import { DocumentValue, type JsonInput, shown } from './document-value.js';
import { checkCidr, checkIp, versionOf } from './ip-address.js';
import type { Result } from './result.js';
import { checkRoute } from './route.js';
import { atLeast, type CniVersion, resolveVersion } from './versions.js';

const HARDWARE_ADDRESS = /^[0-9a-f]{2}(?:[:-][0-9a-f]{2})+$/i;

function checkInterface(value: DocumentValue): void {
  if (value.object().at('name').string() === '') value.at('name').fail('must not be empty');
  value.at('mac').optional((mac) => {
    const text = mac.string();
    if (text !== '' && !HARDWARE_ADDRESS.test(text)) mac.fail(`${shown(text)} is not a hardware address`);
  });
  for (const key of ['sandbox', 'socketPath', 'pciID']) value.at(key).optional((text) => text.string());
  value.at('mtu').optional((mtu) => mtu.integer(0, 0xffff_ffff));
}

function checkGateway(gateway: DocumentValue, family: string, address: unknown): void {
  gateway.optional(() => {
    // Go prints a missing gateway of an older plugin as an empty string.
    if (gateway.value === '') return;
    if (versionOf(checkIp(gateway)) !== family)
      gateway.fail(`${shown(gateway.value)} is not of the family of ${shown(address)}`);
  });
}

function checkIps(result: DocumentValue, withVersion: boolean): void {
  const interfaces = result.at('interfaces');
  const count = interfaces.present ? interfaces.list().length : undefined;
  for (const ip of result.at('ips').list()) {
    const address = ip.object().at('address');
    const family = versionOf(checkCidr(address));
    checkGateway(ip.at('gateway'), family, address.value);
    if (withVersion) {
      const version = ip.at('version');
      const text = version.string();
      if (text !== '4' && text !== '6') version.fail(`is ${shown(text)}, neither "4" nor "6"`);
      if (text !== family) version.fail(`is ${shown(text)}, but ${shown(address.value)} is of version ${family}`);
    }
    ip.at('interface').optional((index) => {
      const number = index.integer(0);
      if (count !== undefined && number >= count)
        index.fail(`is ${number}, but there ${count === 1 ? 'is 1 interface' : `are ${count} interfaces`}`);
    });
  }
}

function checkFamilyOf02(value: DocumentValue, family: '4' | '6'): void {
  const ip = value.object().at('ip');
  const found = versionOf(checkCidr(ip));
  if (found !== family) ip.fail(`${shown(ip.value)} is not an IPv${family} address`);
  checkGateway(value.at('gateway'), family, ip.value);
  value.at('routes').optional((routes) => routes.list().forEach(checkRoute));
}

/** Checks a result that is part of a document. */
export function checkResult(result: DocumentValue, version: CniVersion): void {
  result.object();
  if (atLeast(version, '0.3.0')) {
    result.at('interfaces').optional((interfaces) => interfaces.list().forEach(checkInterface));
    result.at('ips').optional(() => checkIps(result, !atLeast(version, '1.0.0')));
    result.at('routes').optional((routes) => routes.list().forEach(checkRoute));
  } else {
    result.at('ip4').optional((ip4) => checkFamilyOf02(ip4, '4'));
    result.at('ip6').optional((ip6) => checkFamilyOf02(ip6, '6'));
  }
  result.at('dns').optional(checkDns);
}

/** How a result is read. */
export interface ParseResultOptions {
  /**
   * The version of a result that declares none. A plugin's output takes that of its configuration; the default is
   * what the specification says, 0.1.0.
   */
  version?: CniVersion;
}

/** Reads and checks the version of a result in place. */
export function versionOfResult(result: DocumentValue, fallback?: CniVersion): CniVersion {
  const declared = result.object().at('cniVersion');
  const text = declared.present ? declared.string() : '';
  return text === '' && fallback !== undefined ? fallback : resolveVersion(text, declared.place).version;
}

/**
 * Reads the result of a plugin. Unknown keys are kept; nothing is normalised.
 *
 * @throws CniError 6 if it is no JSON or a value is wrong (with the place: `ips[0].address`), 1 if its version is
 * not known
 */
export function parseResult(json: JsonInput, options: ParseResultOptions = {}): Result {
  const document = DocumentValue.parse(json, { what: 'result', code: errorCodes.decodingFailure });
  const fields = document.object().value;
  // What a failing plugin prints is no result, though every key of a result is optional.
  if (typeof fields.code === 'number' && typeof fields.msg === 'string')
    throw new CniError({
      code: errorCodes.decodingFailure,
      msg: `result: is the report of an error (code ${fields.code}): ${fields.msg}`,
    });
  const version = versionOfResult(document, options.version);
  checkResult(document, version);
  // Checked above, and `version` is what the declared one means.
  return { ...fields, cniVersion: version } as Result;
}
