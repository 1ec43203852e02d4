import { setTimeout as delay } from 'node:timers/promises';
import { type ContainerDetails, type DockerClient, isNoSuchContainer } from '../docker/docker-client.js';
import type { Logger } from './logger.js';
import {
  MICROSERVICE_LABEL,
  type Microservice,
  type MicroserviceEvent,
  NewMicroservice,
  TerminatedMicroservice,
} from './microservice.js';

/** How containers are watched. */
export interface TrackerOptions {
  docker: DockerClient;
  logger: Logger;
  onEvent: (event: MicroserviceEvent) => void;
  /** Called when something may have changed; looks by calling {@link MicroserviceTracker.inspect}, sooner or later. */
  onChange: () => void;
  /** Milliseconds between looks without an event. */
  pollInterval: number;
  /** Milliseconds until a lost event stream is opened again. */
  retryInterval: number;
}

/** Finds containers that run microservices, and notices when they start and end. */
export class MicroserviceTracker {
  readonly byLabel = new Map<string, Microservice>();
  readonly byId = new Map<string, Microservice>();
  /** When the newest container of each label was made, in ms since 1970: an older one never takes its place. */
  private readonly newest = new Map<string, number>();
  /** Containers without a label: what a container's environment holds never changes. */
  private readonly uninteresting = new Set<string>();
  private readonly stopping = new AbortController();
  private running: Promise<void>[] = [];
  private inspection: Promise<void> = Promise.resolve();
  /** The inspection that has not begun yet: whatever happens before it begins, it sees. */
  private upcoming: Promise<void> | undefined;

  constructor(private readonly options: TrackerOptions) {}

  start(): void {
    this.running = [this.followEvents(), this.poll()];
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.running);
    await this.inspection;
  }

  /**
   * Compares what is known with what the daemon says. Calls wait for each other, and those that wait are one inspection:
   * a storm of events costs no more than two.
   */
  inspect(): Promise<void> {
    this.upcoming ??= this.inspection.then(() => {
      this.upcoming = undefined;
      return this.compare();
    });
    this.inspection = this.upcoming;
    return this.upcoming;
  }

  private async compare(): Promise<void> {
    const { docker, logger } = this.options;
    if (this.stopping.signal.aborted) return;
    try {
      const listed = new Set((await docker.listContainers()).map(({ Id }) => Id));
      // Those known come first: a restarted one ends before it begins again, also when it is another container now.
      for (const id of [...this.byId.keys()]) {
        const details = await this.details(id);
        const known = this.byId.get(id);
        if (details?.State.Running !== true || details.State.Pid !== known?.pid) this.terminated(id);
      }
      for (const id of this.uninteresting) if (!listed.has(id)) this.uninteresting.delete(id);
      const found: [string, ContainerDetails][] = [];
      for (const id of listed) {
        if (this.uninteresting.has(id) || this.byId.has(id)) continue;
        const details = await this.details(id);
        if (details === undefined) continue;
        const label = labelOf(details);
        if (label === undefined) this.uninteresting.add(id);
        else if (details.State.Running && details.State.Pid !== 0) found.push([label, details]);
      }
      // Oldest first, so that the newest of a label is what remains.
      found.sort(([, a], [, b]) => Date.parse(a.Created) - Date.parse(b.Created));
      for (const [label, details] of found) this.detected(label, details);
    } catch (error) {
      // The daemon cannot be reached. Containers run on without it, so what is known stays until it is back.
      logger.warn(`containers cannot be inspected: ${(error as Error).message}`);
    }
  }

  private async details(id: string): Promise<ContainerDetails | undefined> {
    try {
      return await this.options.docker.getContainer(id).inspect();
    } catch (error) {
      if (isNoSuchContainer(error)) return undefined;
      throw error;
    }
  }

  private detected(label: string, details: ContainerDetails): void {
    if (this.stopping.signal.aborted) return;
    const { logger } = this.options;
    const created = Date.parse(details.Created);
    const newest = this.newest.get(label);
    if (newest !== undefined && newest > created) {
      logger.debug(`container ${details.Id} is older than the last one of microservice ${label}: ignored`);
      return;
    }
    this.newest.set(label, created);
    const before = this.byLabel.get(label);
    if (before !== undefined) this.terminated(before.id);
    const microservice: Microservice = { label, pid: details.State.Pid, id: details.Id };
    this.byLabel.set(label, microservice);
    this.byId.set(details.Id, microservice);
    logger.debug(`microservice ${label} runs in container ${details.Id}, pid ${details.State.Pid}`);
    this.emit({ ...microservice, eventType: NewMicroservice });
  }

  private terminated(id: string): void {
    const microservice = this.byId.get(id);
    if (microservice === undefined || this.stopping.signal.aborted) return;
    this.byId.delete(id);
    if (this.byLabel.get(microservice.label)?.id === id) this.byLabel.delete(microservice.label);
    this.options.logger.debug(`microservice ${microservice.label} has ended (container ${id})`);
    this.emit({ ...microservice, eventType: TerminatedMicroservice });
  }

  private emit(event: MicroserviceEvent): void {
    try {
      this.options.onEvent(event);
    } catch (error) {
      this.options.logger.error(`a listener failed on ${event.eventType} of ${event.label}: ${String(error)}`);
    }
  }

  private async followEvents(): Promise<void> {
    const { docker, logger, onChange, retryInterval } = this.options;
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        const stream = await docker.getEvents({ filters: { type: ['container'] } });
        const end = (): void => {
          (stream as { destroy?: () => void }).destroy?.();
        };
        signal.addEventListener('abort', end, { once: true });
        if (signal.aborted) end();
        // What happened before the stream was there.
        onChange();
        try {
          // What exactly happened is not looked at: the daemon is asked how things are.
          for await (const mayMatter of containerEvents(stream)) if (mayMatter) onChange();
        } finally {
          signal.removeEventListener('abort', end);
          end();
        }
        if (!signal.aborted) logger.warn('the event stream of the container daemon has ended');
      } catch (error) {
        if (!signal.aborted) logger.warn(`no events from the container daemon: ${(error as Error).message}`);
      }
      await delay(retryInterval, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private async poll(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await delay(this.options.pollInterval, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) this.options.onChange();
    }
  }
}

/** What health checks and people with a terminal cause, and what changes no container. */
const WITHOUT_EFFECT = /^(?:exec_|health_status|attach|detach|resize|top|copy|export|commit|exec(?:_|$))/;

/** Reads a stream of events, one JSON document a line: whether each may have started or ended a container. */
async function* containerEvents(stream: NodeJS.ReadableStream): AsyncGenerator<boolean> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    // Some daemons end no line: a document that is complete counts.
    if (rest !== '' && actionOf(rest) !== undefined) {
      lines.push(rest);
      rest = '';
    }
    for (const line of lines) if (line.trim() !== '') yield !WITHOUT_EFFECT.test(actionOf(line) ?? '');
    if (rest.length > LONGEST_EVENT) rest = '';
  }
}

const LONGEST_EVENT = 1024 * 1024;

function actionOf(line: string): string | undefined {
  try {
    const { Action, status } = JSON.parse(line) as { Action?: unknown; status?: unknown };
    return String(Action ?? status ?? '');
  } catch {
    return undefined;
  }
}

function labelOf(details: ContainerDetails): string | undefined {
  const prefix = `${MICROSERVICE_LABEL}=`;
  const entry = details.Config.Env?.findLast((line) => line.startsWith(prefix));
  const label = entry?.slice(prefix.length);
  return label === '' ? undefined : label;
}
