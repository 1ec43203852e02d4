import { readlinkSync } from 'node:fs';
import { Do, NAExec, NAGetNsFd, NsDo } from 'neslink';
import { type DockerClient, NPDocker, NPDockerID, NPDockerName } from 'neslink/docker';
import { getFromDocker, getFromPid, resolveNamespace } from 'netns-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leakedFds, openFds, reasonWithoutPodman } from '#testkit';
import { PodmanService } from './podman-service.ts';

const reason = reasonWithoutPodman();

describe.skipIf(reason !== undefined)(
  `providers of containers${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    let podman: PodmanService;
    let id: string;
    beforeAll(async () => {
      podman = new PodmanService();
      await podman.startService();
      id = podman.run('web');
      podman.run('db');
    }, 60_000);
    afterAll(() => podman[Symbol.asyncDispose](), 30_000);

    it('find a running container by name, by id, by the beginning of its id', async () => {
      const expected = readlinkSync(`/proc/${podman.pid('web')}/ns/net`);
      expect(expected).not.toBe(readlinkSync('/proc/self/ns/net'));
      const { docker } = podman;
      for (const provider of [
        NPDockerName(docker, 'web'),
        NPDockerID(docker, id),
        NPDockerID(docker, id.slice(0, 12)),
        NPDocker(docker, 'web'),
        NPDocker(docker, id.slice(0, 12)),
      ]) {
        const [process] = await Do(provider, NAExec('readlink', ['/proc/self/ns/net']));
        expect((await process.result()).stdout.trim(), provider.name).toBe(expected);
        expect((await provider.provide()).exists()).toBe(true);
      }
    });

    it('agree with getFromDocker of netns-core, which asks no daemon', async () => {
      const [handle] = await Do(NPDockerID(podman.docker, id), NAGetNsFd());
      const found = getFromDocker(id.slice(0, 12));
      const ofProcess = getFromPid(podman.pid('web'));
      expect([found.uniqueId(), ofProcess.uniqueId()]).toEqual([handle.uniqueId(), handle.uniqueId()]);
      for (const each of [handle, found, ofProcess]) each.close();
    });

    it('say that there is no such container, that it does not run, that the daemon does not answer', async () => {
      const { docker } = podman;
      const attempt = async (provider: Parameters<typeof NsDo>[0]) => (await NsDo(provider)).err;
      expect(await attempt(NPDockerName(docker, 'nobody'))).toMatchObject({
        code: 'ENOENT',
        provider: 'NPDockerName',
      });
      expect(await attempt(NPDockerName(docker, id))).toMatchObject({ code: 'ENOENT' });
      expect(await attempt(NPDockerID(docker, 'web'))).toMatchObject({ code: 'ENOENT' });
      expect((await attempt(NPDocker(docker, '')))?.message).toContain('cannot be the name or id of a container');
      podman.podman('stop', '--time', '0', 'db');
      const stopped = await attempt(NPDocker(docker, 'db'));
      expect(stopped).toMatchObject({ code: 'ERR_CONTAINER_NOT_RUNNING' });
      expect(stopped?.message).toContain('"db" is not running (exited)');
      podman.podman('start', 'db');
      expect(await attempt(NPDocker(docker, 'db'))).toBeUndefined();
      const unreachable: DockerClient = {
        getContainer: () => ({
          inspect: () => Promise.reject(Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED' })),
        }),
        listContainers: () => Promise.resolve([]),
        getEvents: () => Promise.reject(new Error('refused')),
      };
      expect(await attempt(NPDocker(unreachable, 'web'))).toMatchObject({ code: 'ECONNREFUSED' });
    });

    it('are not fooled by a container that moves to another process while it is looked up', async () => {
      resolveNamespace('').close();
      const before = openFds();
      const real = podman.docker.getContainer('web');
      let answers = 0;
      const moving: DockerClient = {
        getContainer: () => ({
          async inspect() {
            const details = await real.inspect();
            answers += 1;
            // First a process that belongs to another container by now, then the truth.
            return answers === 1 ? { ...details, State: { ...details.State, Pid: process.pid } } : details;
          },
        }),
        listContainers: () => Promise.resolve([]),
        getEvents: () => Promise.reject(new Error('unused')),
      };
      const [fd] = await Do(NPDocker(moving, 'web'), NAGetNsFd());
      expect(`net:[${fd.ino}]`).toBe(readlinkSync(`/proc/${podman.pid('web')}/ns/net`));
      fd.close();
      expect(leakedFds(before).filter((each) => each.includes('net:['))).toEqual([]);
    });
  },
);
