import { readlinkSync } from 'node:fs';
import {
  type MicroserviceEvent,
  MicroserviceRefNs,
  Namespace,
  NewMicroservice,
  NsHandler,
  newNamespaceMgmtCtx,
  PidRefNs,
  TerminatedMicroservice,
  UnavailableMicroserviceError,
} from 'neslink/handler';
import { runInNamespace } from 'netns-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { reasonWithoutPodman, retryUntil } from '#testkit';
import { PodmanService } from '../podman-service.ts';

const reason = reasonWithoutPodman();

describe.skipIf(reason !== undefined)(`microservices${reason === undefined ? '' : ` (skipped: ${reason})`}`, () => {
  let podman: PodmanService;
  let handler: NsHandler;
  let events: MicroserviceEvent[];
  beforeAll(async () => {
    podman = new PodmanService();
    await podman.startService();
  }, 60_000);
  afterAll(() => podman[Symbol.asyncDispose](), 30_000);
  beforeEach(() => {
    handler = new NsHandler();
    events = [];
  });
  afterEach(async () => {
    await handler.close();
    podman.podman('rm', '--force', '--all', '--time', '0');
  });

  const start = (options: { pollInterval?: number } = {}): Promise<void> =>
    handler.init({
      docker: podman.docker,
      retryInterval: 100,
      onMicroserviceEvent: (event) => events.push(event),
      ...options,
    });
  const told = (count: number): Promise<string[]> =>
    retryUntil(
      () => events.length >= count && events.map(({ eventType, label }) => `${eventType} ${label}`),
      15_000,
      20,
    );

  it('are found by the label in the environment of running containers, those that run already and those that start', async () => {
    const first = podman.run('a', { MICROSERVICE_LABEL: 'one' });
    podman.run('unlabelled');
    await start();
    expect(await told(1)).toEqual(['new-ms one']);
    expect(events[0]).toEqual({ label: 'one', id: first, pid: podman.pid('a'), eventType: NewMicroservice });
    const second = podman.run('b', { MICROSERVICE_LABEL: 'two' });
    expect(await told(2)).toEqual(['new-ms one', 'new-ms two']);
    expect([...handler.getMicroserviceByLabel().keys()]).toEqual(['one', 'two']);
    expect(handler.getMicroserviceByID().get(second)).toEqual({ label: 'two', id: second, pid: podman.pid('b') });
  });

  it('can be switched to, and are known not to be there', async () => {
    podman.run('a', { MICROSERVICE_LABEL: 'one' });
    await start();
    await told(1);
    const reference = { type: MicroserviceRefNs, microservice: 'one' } as const;
    const missing = { type: MicroserviceRefNs, microservice: 'none' } as const;
    expect(handler.isNamespaceAvailable(reference)).toBe(true);
    expect(handler.isNamespaceAvailable(missing)).toBe(false);
    expect(handler.convertMicroserviceNsToPidNs('one')).toEqual(
      new Namespace({ type: PidRefNs, pid: podman.pid('a') }),
    );
    expect(handler.convertMicroserviceNsToPidNs('none')).toBeUndefined();
    const seen = handler.switchToNamespace(newNamespaceMgmtCtx(), reference, () =>
      readlinkSync('/proc/thread-self/ns/net'),
    );
    expect(seen).toBe(readlinkSync(`/proc/${podman.pid('a')}/ns/net`));
    const revert = handler.switchNamespace(
      new Namespace({ type: MicroserviceRefNs, microservice: 'one' }),
      newNamespaceMgmtCtx(),
    );
    const inside = readlinkSync('/proc/thread-self/ns/net');
    revert();
    expect(inside).toBe(seen);
    const refused = () => handler.switchToNamespace(newNamespaceMgmtCtx(), missing, () => 1);
    expect(refused).toThrow(UnavailableMicroserviceError);
    expect(refused).toThrow('"none"');
    expect(() => handler.getOrCreateNamespace(new Namespace({ type: MicroserviceRefNs, microservice: 'one' }))).toThrow(
      'convert',
    );
  });

  it('end with term-ms when their container stops or is removed', async () => {
    podman.run('a', { MICROSERVICE_LABEL: 'one' });
    podman.run('b', { MICROSERVICE_LABEL: 'two' });
    await start();
    await told(2);
    podman.podman('stop', '--time', '0', 'a');
    expect((await told(3))[2]).toBe('term-ms one');
    podman.podman('rm', '--force', '--time', '0', 'b');
    expect((await told(4))[3]).toBe('term-ms two');
    expect(handler.getMicroserviceByID().size + handler.getMicroserviceByLabel().size).toBe(0);
  });

  it('end and begin again, in this order, when the same container restarts with another process', async () => {
    const id = podman.run('a', { MICROSERVICE_LABEL: 'one' });
    const before = podman.pid('a');
    await start();
    await told(1);
    podman.podman('restart', '--time', '0', 'a');
    expect(await told(3)).toEqual(['new-ms one', 'term-ms one', 'new-ms one']);
    expect(events[1]).toMatchObject({ id, pid: before });
    expect(events[2]).toMatchObject({ id, pid: podman.pid('a') });
    expect(podman.pid('a')).not.toBe(before);
  });

  it('pass to a newer container of the same label, also one made in the same second, but never back to an older one', async () => {
    const older = podman.run('old', { MICROSERVICE_LABEL: 'one' });
    await start();
    await told(1);
    const newer = podman.run('new', { MICROSERVICE_LABEL: 'one' });
    expect(await told(3)).toEqual(['new-ms one', 'term-ms one', 'new-ms one']);
    expect(events.map(({ id }) => id)).toEqual([older, older, newer]);
    podman.podman('restart', '--time', '0', 'old');
    const marker = podman.run('marker', { MICROSERVICE_LABEL: 'marker' });
    await retryUntil(() => handler.getMicroserviceByID().has(marker), 15_000);
    expect(handler.getMicroserviceByLabel().get('one')?.id).toBe(newer);
    podman.podman('stop', '--time', '0', 'new');
    await retryUntil(() => !handler.getMicroserviceByLabel().has('one'), 15_000);
    expect(handler.getMicroserviceByID().has(older)).toBe(false);
  });

  it('outlive the daemon, and what happened meanwhile is told when it is back', async () => {
    podman.run('a', { MICROSERVICE_LABEL: 'one' });
    podman.run('b', { MICROSERVICE_LABEL: 'two' });
    await start({ pollInterval: 200 });
    await told(2);
    await podman.stopService();
    podman.podman('stop', '--time', '0', 'a');
    const pid = podman.pid('b');
    await new Promise((resolve) => setTimeout(resolve, 500));
    // Nobody can say how containers are, so nothing is said of them.
    expect(events).toHaveLength(2);
    expect(runInNamespace({ pid }, () => true)).toBe(true);
    podman.run('c', { MICROSERVICE_LABEL: 'three' });
    await podman.startService();
    expect((await told(4)).slice(2).sort()).toEqual(['new-ms three', 'term-ms one']);
    expect([...handler.getMicroserviceByLabel().keys()].sort()).toEqual(['three', 'two']);
  });

  it('are found by the slow poll when events are missed, and by hand', async () => {
    const { docker } = podman;
    const withoutEvents = {
      getContainer: (id: string) => docker.getContainer(id),
      listContainers: () => docker.listContainers(),
      getEvents: () => Promise.reject(new Error('no events today')),
    };
    await handler.init({
      docker: withoutEvents,
      pollInterval: 300,
      onMicroserviceEvent: (event) => events.push(event),
    });
    podman.run('a', { MICROSERVICE_LABEL: 'one' });
    expect(await told(1)).toEqual(['new-ms one']);
    await handler.close();
    events = [];
    handler = new NsHandler();
    let asked = 0;
    let ctx: Parameters<NsHandler['handleMicroservices']>[0] | undefined;
    handler.on(TerminatedMicroservice, () => undefined);
    handler.on(NewMicroservice, (event) => events.push(event));
    await handler.init({
      docker,
      onMicroservices: (context) => {
        asked += 1;
        ctx = context;
      },
    });
    await retryUntil(() => asked > 0);
    expect(events).toEqual([]);
    if (ctx !== undefined) await handler.handleMicroservices(ctx);
    expect(events.map(({ label }) => label)).toEqual(['one']);
  });
});
