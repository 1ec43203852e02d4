import { isIP, isIPv4 } from 'node:net';
import {
  addressBytes,
  type DnsAnswer,
  type DnsRecord,
  NOERROR,
  NXDOMAIN,
  TYPE_A,
  TYPE_AAAA,
  TYPE_CNAME,
  TYPE_PTR,
} from './dns-message.js';
import { type LabPlan, listOf, type PlannedNode } from './plan.js';
import type { LabDnsSpec } from './topology.js';

const DEFAULT_DOMAIN = 'lab';
/** Aliases that lead to aliases, before the server takes it for a circle. */
const MAX_ALIASES = 8;

/** The domain of a server's nodes. */
export const domainOf = ({ domain = DEFAULT_DOMAIN }: LabDnsSpec): string => canonical(domain);

/** What a DNS server of a lab knows: the nodes, and what its specification says. */
export class DnsZone {
  readonly #records = new Map<string, DnsRecord[]>();

  constructor(plan: LabPlan, spec: LabDnsSpec) {
    const domain = domainOf(spec);
    for (const node of plan.nodes.values())
      for (const address of addressesOf(node)) {
        this.#addAddress(node.name, address);
        this.#addAddress(`${node.name}.${domain}`, address);
        this.#add(reverseName(address), TYPE_PTR, `${node.name}.${domain}`);
      }
    for (const [name, values] of Object.entries(spec.records ?? {}))
      for (const value of listOf(values))
        if (isIP(value) === 0) this.#add(name, TYPE_CNAME, canonical(value));
        else this.#addAddress(name, value);
  }

  #addAddress(name: string, address: string): void {
    this.#add(name, isIPv4(address) ? TYPE_A : TYPE_AAAA, address);
  }

  #add(name: string, type: number, data: string): void {
    const key = canonical(name);
    const records = this.#records.get(key) ?? [];
    records.push({ name: key, type, data });
    this.#records.set(key, records);
  }

  /** What there is of a type, with the aliases that lead there. */
  lookUp(name: string, type: number): DnsAnswer {
    const answers: DnsRecord[] = [];
    let at = canonical(name);
    for (let aliases = 0; aliases <= MAX_ALIASES; aliases += 1) {
      const records = this.#records.get(at);
      if (records === undefined) {
        // A name below which there are others exists, too.
        const exists = answers.length > 0 || [...this.#records.keys()].some((known) => known.endsWith(`.${at}`));
        return { rcode: exists ? NOERROR : NXDOMAIN, records: answers };
      }
      answers.push(...records.filter((record) => record.type === type));
      const alias = records.find((record) => record.type === TYPE_CNAME);
      if (alias === undefined || type === TYPE_CNAME) break;
      answers.push(alias);
      at = alias.data;
    }
    return { rcode: NOERROR, records: answers };
  }
}

/** The addresses of a node without their prefixes, its links' first. */
export function addressesOf({ interfaces, addresses }: Pick<PlannedNode, 'interfaces' | 'addresses'>): string[] {
  const all = [...interfaces.flatMap((each) => each.addresses), ...addresses];
  return [...new Set(all.map((address) => address.replace(/\/.*/, '')))];
}

/** As names are compared: in small letters, without the final dot. */
function canonical(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function reverseName(address: string): string {
  const bytes = addressBytes(address);
  if (bytes.length === 4) return `${[...bytes].reverse().join('.')}.in-addr.arpa`;
  return `${[...bytes.toString('hex')].reverse().join('.')}.ip6.arpa`;
}
