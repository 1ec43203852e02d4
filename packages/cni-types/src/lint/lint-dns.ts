import type { DocumentValue } from '../document-value.js';
import { checkIp } from '../ip-address.js';
import type { Findings } from './finding.js';

/** Name servers are addresses, for resolv.conf(5) has nothing else. */
export function lintDns(dns: DocumentValue, findings: Findings): void {
  dns.optional(() =>
    findings.check(() =>
      dns
        .object()
        .at('nameservers')
        .optional((servers) => {
          for (const server of servers.list()) findings.check(() => checkIp(server));
        }),
    ),
  );
}
