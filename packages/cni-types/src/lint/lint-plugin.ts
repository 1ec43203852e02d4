import type { DocumentValue } from '../document-value.js';
import { checkCidr, checkIp } from '../ip-address.js';
import { pluginTypeProblem } from '../names.js';
import { checkPluginConfig } from '../network-config.js';
import { versionOfResult } from '../parse-result.js';
import { isSupportedVersion, versionIfUndeclared } from '../versions.js';
import type { Findings } from './finding.js';
import { lintDns } from './lint-dns.js';
import { lintHostLocal } from './lint-host-local.js';
import { lintResult } from './lint-result.js';
import { lintRoute } from './lint-route.js';

/** The plugins of the reference set that read `ipMasq`; for any other, the key is its own. */
const WITH_IP_MASQ: readonly unknown[] = ['bridge', 'ptp'];

/** Lints what configures one plugin. */
export function lintPlugin(config: DocumentValue, findings: Findings): void {
  findings.check(() => checkPluginConfig(config));
  if (typeof config.value !== 'object' || config.value === null) return;
  const type = config.at('type');
  findings.check(() => lintType(type));
  if (WITH_IP_MASQ.includes(type.value)) config.at('ipMasq').optional((value) => findings.check(() => value.boolean()));
  config.at('ipam').optional((ipam) => lintIpam(ipam, findings));
  lintDns(config.at('dns'), findings);
  for (const key of ['args', 'runtimeConfig'])
    config.at(key).optional((value) => findings.check(() => value.object(), 'warning'));
  config.at('prevResult').optional((prevResult) => {
    const declared = config.at('cniVersion').value;
    const own = typeof declared === 'string' && isSupportedVersion(declared) ? declared : versionIfUndeclared;
    findings.check(() => lintResult(prevResult, versionOfResult(prevResult, own), findings));
  });
}

function lintType(type: DocumentValue): void {
  const problem = typeof type.value === 'string' ? pluginTypeProblem(type.value) : undefined;
  if (problem !== undefined) type.fail(problem);
}

function lintIpam(ipam: DocumentValue, findings: Findings): void {
  if (typeof ipam.value !== 'object') return;
  const type = ipam.at('type');
  // An empty one means no IPAM: a network of layer 2 only.
  if (type.present && type.value !== '') findings.check(() => lintType(type));
  const isReference = type.value === 'host-local' || type.value === 'static';
  if (type.value === 'host-local' || !type.present || type.value === '') lintHostLocal(ipam, findings);
  if (type.value === 'static')
    findings.check(() =>
      ipam.at('addresses').optional((addresses) => {
        for (const address of addresses.list()) findings.check(() => lintStaticAddress(address));
      }),
    );
  // Other IPAM plugins may have anything under these keys.
  if (!isReference) return;
  findings.check(() =>
    ipam.at('routes').optional((routes) => {
      for (const route of routes.list()) findings.check(() => lintRoute(route));
    }),
  );
  lintDns(ipam.at('dns'), findings);
}

function lintStaticAddress(address: DocumentValue): void {
  checkCidr(address.object().at('address'));
  address.at('gateway').optional((gateway) => gateway.value === '' || checkIp(gateway));
}
