import { CniError, errorCodes } from './cni-error.js';
import { checkDns } from './dns.js';
import { DocumentValue, type JsonInput } from './document-value.js';
import { checkCidr, checkIp } from './ip-address.js';
import { checkOptions, type OptionTypes } from './options.js';
import type { Result } from './result.js';
import { checkRoute } from './route.js';
import { atLeast, type CniVersion, checkVersion, resolveVersion } from './versions.js';

function checkInterface(value: DocumentValue): void {
  value.object();
  // A hardware address may be any text: the plugin of AWS passes other things there.
  for (const key of ['name', 'mac', 'sandbox', 'socketPath', 'pciID']) value.at(key).optional((text) => text.string());
  value.at('mtu').optional((mtu) => mtu.integer());
}

function checkGateway(gateway: DocumentValue): void {
  // Go prints a missing gateway of an older plugin as an empty string.
  gateway.optional(() => gateway.value === '' || checkIp(gateway));
}

function checkIp04(ip: DocumentValue): void {
  checkCidr(ip.object().at('address'));
  checkGateway(ip.at('gateway'));
  // The stock loopback plugin leaves `version` out, and the address tells it anyway.
  ip.at('version').optional((version) => version.string());
  ip.at('interface').optional((index) => index.integer());
}

function checkIp02(value: DocumentValue): void {
  checkCidr(value.object().at('ip'));
  checkGateway(value.at('gateway'));
  value.at('routes').optional((routes) => routes.list().forEach(checkRoute));
}

/** Checks the types in a result that is part of a document, as libcni decodes it: the linter judges more. */
export function checkResult(result: DocumentValue, version: CniVersion): void {
  result.object();
  if (atLeast(version, '0.3.0')) {
    result.at('interfaces').optional((interfaces) => interfaces.list().forEach(checkInterface));
    result.at('ips').optional((ips) => ips.list().forEach(checkIp04));
    result.at('routes').optional((routes) => routes.list().forEach(checkRoute));
  } else {
    result.at('ip4').optional(checkIp02);
    result.at('ip6').optional(checkIp02);
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

const OPTIONS: OptionTypes = { version: 'string' };

/** Reads and checks the version of a result in place. */
export function versionOfResult(result: DocumentValue, fallback?: CniVersion): CniVersion {
  const declared = result.object().at('cniVersion');
  const text = declared.present ? declared.string() : '';
  return text === '' && fallback !== undefined ? fallback : resolveVersion(text, declared.place).version;
}

/**
 * Reads the result of a plugin. Unknown keys are kept; nothing is normalised.
 *
 * @throws CniError 6 if it is not JSON or a value is wrong (with the place: `ips[0].address`), 1 if its version is
 * not known, 999 if an option is wrong
 */
export function parseResult(json: JsonInput, options: ParseResultOptions = {}): Result {
  checkOptions(options, 'parseResult', OPTIONS);
  if (options.version !== undefined) checkVersion(options.version);
  const document = DocumentValue.parse(json, { what: 'result', code: errorCodes.decodingFailure });
  const fields = document.object().value;
  // What a failing plugin prints is not a result, though every key of a result is optional.
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
