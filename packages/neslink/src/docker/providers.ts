import { shown } from 'netns-core/checks';
import { Namespace } from '../namespace.js';
import type { NsProvider } from '../ns-provider.js';
import { type ContainerKey, checkContainer, containerPid, openContainer } from './container-namespace.js';
import type { DockerClient } from './docker-client.js';

function containerProvider(name: string, docker: DockerClient, wanted: string, key: ContainerKey): NsProvider {
  return {
    name,
    provides: 'namespace',
    describe: `container ${shown(wanted)}`,
    provide: async () => new Namespace(`/proc/${await containerPid(docker, checkContainer(wanted, key), key)}/ns/net`),
    open: async () => openContainer(docker, checkContainer(wanted, key), key),
  };
}

/** The namespace of the running container of this name. */
export function NPDockerName(docker: DockerClient, name: string): NsProvider {
  return containerProvider('NPDockerName', docker, name, 'name');
}

/** The namespace of the running container of this id, of which the beginning does. */
export function NPDockerID(docker: DockerClient, id: string): NsProvider {
  return containerProvider('NPDockerID', docker, id, 'id');
}

/** The namespace of the running container of this name or id. */
export function NPDocker(docker: DockerClient, nameOrId: string): NsProvider {
  return containerProvider('NPDocker', docker, nameOrId, 'name or id');
}
