/** Under this key of `getEnvironmentData` a namespace worker finds what namespace it is in. */
export const WORKER_NAMESPACE = 'netns-core.worker-namespace';

/** What a namespace worker is told of its namespace. */
export interface WorkerNamespace {
  /** For files in `/etc/netns/<name>`; `undefined` for a namespace that was not meant by its name. */
  readonly name: string | undefined;
}
