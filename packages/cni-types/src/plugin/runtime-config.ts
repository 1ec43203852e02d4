import { errorCodes } from '../cni-error.js';
import { DocumentValue } from '../document-value.js';

/** A port of the host that leads to one of the container. */
export interface PortMapping {
  readonly hostPort: number;
  readonly containerPort: number;
  /** `'tcp'` if the runtime says nothing. */
  readonly protocol: string;
  /** The address of the host that it is on; absent for all. */
  readonly hostIP?: string;
}

/** Limits of the container's traffic, in bits per second and bits; 0 is none. */
export interface Bandwidth {
  readonly ingressRate: number;
  readonly ingressBurst: number;
  readonly egressRate: number;
  readonly egressBurst: number;
}

/** What the container's resolv.conf is to have. */
export interface RuntimeDns {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

/** A range of addresses as host-local takes it. */
export interface IpRange {
  readonly subnet: string;
  readonly rangeStart?: string;
  readonly rangeEnd?: string;
  readonly gateway?: string;
}

/**
 * What a runtime passes to plugins that declare the capability (CONVENTIONS.md of the CNI project, "Dynamic plugin
 * specific fields"). Keys are read in any case: podman writes `hostPort`, containerd `HostPort`.
 */
export interface RuntimeConfig {
  readonly portMappings: readonly PortMapping[];
  readonly bandwidth?: Bandwidth;
  readonly dns?: RuntimeDns;
  /** Sets of alternative ranges. */
  readonly ipRanges: readonly (readonly IpRange[])[];
  /** The hardware address that the container's interface is to have. */
  readonly mac?: string;
}

/** A value of a Go program: keys match in any case, the exact one first. */
function key(value: DocumentValue, name: string): DocumentValue {
  const exact = value.at(name);
  if (exact.present) return exact;
  const object = value.object().value;
  const found = Object.keys(object).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  return found === undefined ? exact : value.at(found);
}

function text(value: DocumentValue): string | undefined {
  const read = value.present ? value.string() : '';
  return read === '' ? undefined : read;
}

function texts(value: DocumentValue): string[] {
  return value.present ? value.list().map((element) => element.string()) : [];
}

function optional<K extends string>(name: K, value: string | undefined): { [P in K]?: string } {
  return (value === undefined ? {} : { [name]: value }) as { [P in K]?: string };
}

function readPortMapping(value: DocumentValue): PortMapping {
  const port = (name: string): number => key(value.object(), name).integer(1, 65535);
  return {
    hostPort: port('hostPort'),
    containerPort: port('containerPort'),
    protocol: (text(key(value, 'protocol')) ?? 'tcp').toLowerCase(),
    ...optional('hostIP', text(key(value, 'hostIP'))),
  };
}

function readBandwidth(value: DocumentValue): Bandwidth {
  const bits = (name: string): number => {
    const given = key(value.object(), name);
    return given.present ? given.integer(0) : 0;
  };
  return {
    ingressRate: bits('ingressRate'),
    ingressBurst: bits('ingressBurst'),
    egressRate: bits('egressRate'),
    egressBurst: bits('egressBurst'),
  };
}

function readRange(value: DocumentValue): IpRange {
  const object = value.object();
  return {
    subnet: key(object, 'subnet').string(),
    ...optional('rangeStart', text(key(object, 'rangeStart'))),
    ...optional('rangeEnd', text(key(object, 'rangeEnd'))),
    ...optional('gateway', text(key(object, 'gateway'))),
  };
}

/**
 * Reads the `runtimeConfig` of a plugin's configuration.
 *
 * @throws CniError (7) naming the place of what is wrong
 */
export function readRuntimeConfig(config: object): RuntimeConfig {
  const document = DocumentValue.parse(config, {
    what: 'network configuration',
    code: errorCodes.invalidNetworkConfig,
  });
  const runtime = key(document, 'runtimeConfig');
  if (!runtime.present) return { portMappings: [], ipRanges: [] };
  const portMappings = key(runtime, 'portMappings');
  const bandwidth = key(runtime, 'bandwidth');
  const dns = key(runtime, 'dns');
  const ipRanges = key(runtime, 'ipRanges');
  return {
    portMappings: portMappings.present ? portMappings.list().map(readPortMapping) : [],
    ipRanges: ipRanges.present ? ipRanges.list().map((set) => set.list().map(readRange)) : [],
    ...optional('mac', text(key(runtime, 'mac'))),
    ...(bandwidth.present ? { bandwidth: readBandwidth(bandwidth) } : {}),
    ...(dns.present
      ? {
          dns: {
            servers: texts(key(dns, 'servers')),
            searches: texts(key(dns, 'searches')),
            options: texts(key(dns, 'options')),
          },
        }
      : {}),
  };
}
