// What the kubelet does on a node with its container runtime: pods, containers in them, commands in these.
import { randomUUID } from 'node:crypto';
import { type Containerd, IMAGE } from './containerd.ts';
import type { ContainerConfig, NamespaceOptions, PodConfig, PortMapping } from './runtime-service.ts';

export interface Pod {
  id: string;
  ip: string;
  config: PodConfig;
}

export interface PodOptions {
  network?: 'POD' | 'NODE';
  portMappings?: readonly PortMapping[];
  annotations?: Readonly<Record<string, string>>;
}

const namespacesOf = (network: 'POD' | 'NODE'): NamespaceOptions => ({ network, pid: 'CONTAINER' });

export class Node {
  readonly #containerd: Containerd;
  readonly #pods = new Map<string, Pod>();

  constructor(containerd: Containerd) {
    this.#containerd = containerd;
  }

  /** Whether pods with a network of their own can be run; if not, why. */
  async networkReady(): Promise<{ ready: boolean; message: string }> {
    const { status } = await this.#containerd.runtime.call('Status', {});
    const condition = status.conditions.find(({ type }) => type === 'NetworkReady');
    return { ready: condition?.status ?? false, message: condition?.message ?? '' };
  }

  /** The configurations of the networks that the runtime has loaded, as their files have them. */
  async loadedNetworks(): Promise<string[]> {
    const { info } = await this.#containerd.runtime.call('Status', { verbose: true });
    const { Networks } = JSON.parse(info.cniconfig ?? '{}') as { Networks?: { Config: { Source: string } }[] | null };
    return (Networks ?? []).map(({ Config }) => Config.Source);
  }

  async runPod(name: string, { network = 'POD', ...options }: PodOptions = {}): Promise<Pod> {
    const config: PodConfig = {
      metadata: { name, uid: randomUUID(), namespace: 'default', attempt: 0 },
      hostname: network === 'NODE' ? '' : name,
      logDirectory: this.#containerd.logs,
      dnsConfig: { servers: ['192.0.2.53'], searches: ['example.test'] },
      linux: { securityContext: { namespaceOptions: namespacesOf(network) } },
      ...options,
    };
    const { podSandboxId: id } = await this.#containerd.runtime.call('RunPodSandbox', { config });
    const pod: Pod = { id, ip: '', config };
    this.#pods.set(id, pod);
    const { status } = await this.#containerd.runtime.call('PodSandboxStatus', { podSandboxId: id });
    pod.ip = status.network?.ip ?? '';
    return pod;
  }

  /** Removes a pod, with what runs in it. As the kubelet does, it may be called again. */
  async removePod({ id }: Pod): Promise<void> {
    await this.#containerd.runtime.call('RemovePodSandbox', { podSandboxId: id });
    this.#pods.delete(id);
  }

  /** Removes the pods that are left. */
  async removePods(): Promise<void> {
    await Promise.all([...this.#pods.values()].map((pod) => this.removePod(pod)));
  }

  /** Ends what runs in a pod, and takes its network. May be called again until the pod is removed. */
  async stopPod({ id }: Pod): Promise<void> {
    await this.#containerd.runtime.call('StopPodSandbox', { podSandboxId: id });
  }

  /** Starts a container in a pod. */
  async start(
    pod: Pod,
    name: string,
    command: readonly string[],
    options: Pick<ContainerConfig, 'envs' | 'mounts'> = {},
  ): Promise<string> {
    const { containerId } = await this.#containerd.runtime.call('CreateContainer', {
      podSandboxId: pod.id,
      sandboxConfig: pod.config,
      config: {
        metadata: { name },
        image: { image: IMAGE },
        command,
        logPath: `${pod.config.metadata.name}-${name}.log`,
        linux: pod.config.linux,
        ...options,
      },
    });
    await this.#containerd.runtime.call('StartContainer', { containerId });
    return containerId;
  }

  /** How a container has ended; `undefined` while it runs. */
  async exitCode(containerId: string): Promise<number | undefined> {
    const { status } = await this.#containerd.runtime.call('ContainerStatus', { containerId });
    return status.state === 'CONTAINER_EXITED' ? status.exitCode : undefined;
  }

  /** Runs a command in a container, as `kubectl exec` does. */
  async exec(containerId: string, ...cmd: readonly string[]): Promise<string> {
    const { stdout, stderr, exitCode } = await this.#containerd.runtime.call('ExecSync', {
      containerId,
      cmd,
      timeout: 30,
    });
    if (exitCode !== 0) throw new Error(`${cmd.join(' ')} ended with ${exitCode}: ${stderr}`);
    return stdout.toString();
  }
}
