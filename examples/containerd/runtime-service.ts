// A client of the Container Runtime Interface, as the kubelet is one.
import { fileURLToPath } from 'node:url';
import { Client, credentials, type MethodDefinition, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const PROTO = fileURLToPath(new URL('runtime.proto', import.meta.url));

/** A pod needs a namespace, which takes long on a machine that is taking many others down. */
const DEADLINE_MS = 120_000;

export interface PortMapping {
  protocol: 'TCP' | 'UDP' | 'SCTP';
  containerPort: number;
  hostPort: number;
  hostIp?: string;
}

export interface PodConfig {
  metadata: { name: string; uid: string; namespace: string; attempt: number };
  /** Empty where the pod is in the node's network. */
  hostname: string;
  logDirectory: string;
  dnsConfig?: { servers?: readonly string[]; searches?: readonly string[]; options?: readonly string[] };
  portMappings?: readonly PortMapping[];
  annotations?: Readonly<Record<string, string>>;
  linux: { securityContext: { namespaceOptions: NamespaceOptions } };
}

/** The kubelet's words: a pod has its own network, or the node's; its containers have process ids of their own. */
export interface NamespaceOptions {
  network: 'POD' | 'NODE';
  pid: 'POD' | 'CONTAINER' | 'NODE';
}

export interface ContainerConfig {
  metadata: { name: string };
  image: { image: string };
  command: readonly string[];
  envs?: readonly { key: string; value: string }[];
  mounts?: readonly { containerPath: string; hostPath: string; readonly?: boolean }[];
  logPath: string;
  linux: { securityContext: { namespaceOptions: NamespaceOptions } };
}

interface Methods {
  Version: [object, { runtimeName: string; runtimeVersion: string }];
  Status: [
    { verbose?: boolean },
    {
      status: { conditions: { type: string; status: boolean; message: string }[] };
      /** With `verbose`, JSON documents. */
      info: Record<string, string>;
    },
  ];
  RunPodSandbox: [{ config: PodConfig }, { podSandboxId: string }];
  StopPodSandbox: [{ podSandboxId: string }, object];
  RemovePodSandbox: [{ podSandboxId: string }, object];
  PodSandboxStatus: [{ podSandboxId: string }, { status: { state: string; network: { ip: string } | null } }];
  CreateContainer: [
    { podSandboxId: string; config: ContainerConfig; sandboxConfig: PodConfig },
    { containerId: string },
  ];
  StartContainer: [{ containerId: string }, object];
  ContainerStatus: [{ containerId: string }, { status: { state: string; exitCode: number } }];
  ExecSync: [
    { containerId: string; cmd: readonly string[]; timeout: number },
    { stdout: Buffer; stderr: Buffer; exitCode: number },
  ];
}

export class RuntimeService {
  readonly #client: Client;
  readonly #methods: ServiceDefinition;

  /** @param socket the path of the runtime's socket */
  constructor(socket: string) {
    const definition = loadSync(PROTO, { longs: Number, enums: String, defaults: true });
    this.#methods = definition['runtime.v1.RuntimeService'] as ServiceDefinition;
    this.#client = new Client(`unix://${socket}`, credentials.createInsecure());
  }

  /** @throws ServiceError what the runtime said */
  call<M extends keyof Methods>(method: M, request: Methods[M][0]): Promise<Methods[M][1]> {
    const { path, requestSerialize, responseDeserialize } = this.#methods[method] as MethodDefinition<
      Methods[M][0],
      Methods[M][1]
    >;
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        { deadline: Date.now() + DEADLINE_MS },
        (error, response) => {
          if (error !== null || response === undefined) reject(error ?? new Error(`${method}: no response`));
          else resolve(response);
        },
      );
    });
  }

  close(): void {
    this.#client.close();
  }
}
