/** What is used of an answer of `inspect`. */
export interface ContainerDetails {
  readonly Id: string;
  readonly Name: string;
  /** When it was made, as an ISO date. */
  readonly Created: string;
  readonly State: { readonly Running: boolean; readonly Pid: number; readonly Status: string };
  readonly Config: { readonly Env?: readonly string[] | null };
}

/** What is used of an entry of a list of containers. */
export interface ContainerSummary {
  readonly Id: string;
}

/** What is used of a `dockerode` client: the client is made by the user and passed in. Podman's socket serves as well. */
export interface DockerClient {
  getContainer(id: string): { inspect(): Promise<ContainerDetails> };
  listContainers(options?: { all?: boolean; filters?: Record<string, string[]> }): Promise<readonly ContainerSummary[]>;
  getEvents(options?: { filters?: Record<string, string[]> }): Promise<NodeJS.ReadableStream>;
}

/** Whether a client's error says that the container does not exist (and not that the daemon cannot be reached). */
export function isNoSuchContainer(error: unknown): boolean {
  return (error as { statusCode?: unknown } | undefined)?.statusCode === 404;
}
