import { errorCodes } from '../cni-error.js';
import { DocumentValue, type JsonInput } from '../document-value.js';
import { nameProblem } from '../names.js';
import { checkNetworkConfigList, checkSwitch } from '../network-config-list.js';
import { resolveVersion } from '../versions.js';
import { type Finding, Findings } from './finding.js';
import { lintPlugin } from './lint-plugin.js';

/**
 * Says what is doubtful in the configuration of a network: of a list of plugins, or of a single plugin. It is stricter
 * than {@link parseNetworkConfigList}, which accepts what libcni accepts: it also judges what only plugins read, such
 * as the ranges of host-local.
 *
 * @returns the findings, in the order of the document; none if there is nothing to say. It never throws for what is
 * in the document.
 */
export function lintNetworkList(json: JsonInput): Finding[] {
  const findings = new Findings();
  findings.check(() => {
    const document = DocumentValue.parse(json, {
      what: 'network configuration',
      code: errorCodes.invalidNetworkConfig,
    }).object();
    const isSinglePlugin = document.at('type').present && !document.at('plugins').present;
    lintName(document.at('name'), findings);
    lintVersion(document.at('cniVersion'), findings);
    if (isSinglePlugin) lintPlugin(document, findings);
    else lintList(document, findings);
  });
  return findings.list;
}

function lintList(document: DocumentValue, findings: Findings): void {
  findings.check(() => checkNetworkConfigList(document));
  document.at('cniVersions').optional((versions) =>
    findings.check(() => {
      for (const version of versions.list()) lintVersion(version, findings);
    }),
  );
  for (const key of ['disableCheck', 'disableGC', 'loadOnlyInlinedPlugins'])
    document.at(key).optional((value) => findings.check(() => checkSwitch(value)));
  if (!Array.isArray(document.at('plugins').value)) return;
  for (const plugin of document.at('plugins').list()) {
    lintPlugin(plugin, findings);
    if (typeof plugin.value !== 'object' || plugin.value === null) continue;
    for (const key of ['name', 'cniVersion'])
      plugin.at(key).optional((value) => {
        if (value.value !== document.at(key).value) findings.warn(value, 'has no effect: that of the list counts');
      });
  }
}

function lintName(name: DocumentValue, findings: Findings): void {
  findings.check(() => {
    const problem = nameProblem(name.string());
    if (problem !== undefined) name.fail(problem);
  });
}

function lintVersion(version: DocumentValue, findings: Findings): void {
  version.optional(() => {
    if (typeof version.value !== 'string') return;
    const text = version.value;
    findings.check(() => {
      const { diagnostic } = resolveVersion(text, version.place);
      if (diagnostic !== undefined)
        findings.warn(version, diagnostic.message.slice(version.place.length + ': '.length));
    });
  });
}
