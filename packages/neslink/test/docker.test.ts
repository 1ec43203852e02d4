import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { NsDo } from 'neslink';
import { type DockerClient, NPDocker, NPDockerID, NPDockerName } from 'neslink/docker';
import { NsHandler } from 'neslink/handler';
import { describe, expect, it } from 'vitest';

/** A daemon that knows the container 'web', whose only process is this one, and notes what it is asked for. */
function daemon(): { docker: DockerClient; asked: string[] } {
  const asked: string[] = [];
  const details = {
    Id: 'ab12'.repeat(16),
    Name: '/web',
    Created: '2024-01-01T00:00:00Z',
    State: { Running: true, Pid: process.pid, Status: 'running' },
    Config: {},
  };
  return {
    asked,
    docker: {
      getContainer: (id) => ({
        inspect: () => {
          asked.push(id);
          if (id === 'web' || details.Id.startsWith(id)) return Promise.resolve(details);
          return Promise.reject(Object.assign(new Error('no such container'), { statusCode: 404 }));
        },
      }),
      listContainers: () => Promise.resolve([details]),
      getEvents: () => Promise.reject(new Error('not here')),
    },
  };
}

describe('a container', () => {
  it('can be named as `docker inspect` prints it, with a slash in front', async () => {
    for (const provider of [NPDocker, NPDockerName]) {
      const { docker, asked } = daemon();
      expect((await NsDo(provider(docker, '/web'))).err).toBeUndefined();
      expect(new Set(asked)).toEqual(new Set(['web']));
    }
  });

  it('whose name cannot be one is refused before the daemon is asked', async () => {
    for (const provider of [NPDocker, NPDockerName, NPDockerID])
      for (const name of ['', '/', '//web', '../images/json', 'a/b', '?all=1', '-x', 'web?', 'a b', 'a\nb', '%2e']) {
        const { docker, asked } = daemon();
        const { err } = await NsDo(provider(docker, name));
        expect(err, name).toMatchObject({ cause: { code: 'ERR_INVALID_ARGUMENT' } });
        expect(asked, name).toEqual([]);
      }
  });
});

describe('a storm of events', () => {
  it('costs a few inspections, and events without effect cost none', async () => {
    const events = new PassThrough();
    let lists = 0;
    const docker: DockerClient = {
      getContainer: () => ({ inspect: () => Promise.reject(Object.assign(new Error('gone'), { statusCode: 404 })) }),
      listContainers: async () => {
        lists += 1;
        await delay(20);
        return [];
      },
      getEvents: () => Promise.resolve(events),
    };
    const handler = new NsHandler();
    await handler.init({ docker });
    const settled = async (): Promise<void> => {
      for (let last = -1; last !== lists; ) {
        last = lists;
        await delay(150);
      }
    };
    await settled();
    const emit = (Action: string): void => void events.write(`${JSON.stringify({ Type: 'container', Action })}\n`);
    lists = 0;
    for (let count = 0; count < 100; count += 1)
      emit(count % 2 === 0 ? 'exec_start: sh -c true' : 'health_status: healthy');
    await settled();
    expect(lists).toBe(0);
    for (let count = 0; count < 100; count += 1) emit('start');
    await settled();
    expect(lists).toBeGreaterThanOrEqual(1);
    expect(lists).toBeLessThanOrEqual(4);
    await handler.close();
    events.destroy();
  });
});
