import { NetnsError, type NetnsHandle, resolveNamespace } from 'netns-core';
import { shown } from 'netns-core/checks';
import { type ContainerDetails, type DockerClient, isNoSuchContainer } from './docker-client.js';

/** By what a container is asked for. */
export type ContainerKey = 'name' | 'id' | 'name or id';

/** What Docker and Podman accept as a name; ids have the same form. Nothing else may get into the path of a request. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

/**
 * The name or id that a container is asked for by: `docker inspect` prints names with a slash in front.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 */
export function checkContainer(wanted: string, key: ContainerKey): string {
  const bare = typeof wanted === 'string' && key !== 'id' ? wanted.replace(/^\//, '') : wanted;
  if (typeof bare !== 'string' || !NAME.test(bare))
    throw new NetnsError(
      `${shown(wanted)} cannot be the ${key} of a container: it must begin with a letter or digit, followed by letters, digits, "_", "." and "-"`,
      { code: 'ERR_INVALID_ARGUMENT' },
    );
  return bare;
}

/** Inspects a container that must exist and be meant by its name, or by its id or the beginning of it. */
async function inspectContainer(docker: DockerClient, wanted: string, key: ContainerKey): Promise<ContainerDetails> {
  const missing = (cause?: unknown): NetnsError =>
    new NetnsError(`there is no container with the ${key} "${wanted}"`, { code: 'ENOENT', cause });
  let details: ContainerDetails;
  try {
    details = await docker.getContainer(wanted).inspect();
  } catch (cause) {
    if (isNoSuchContainer(cause)) throw missing(cause);
    throw new NetnsError(`cannot ask for the container "${wanted}": ${(cause as Error).message}`, {
      code: (cause as NodeJS.ErrnoException).code ?? 'ERR_DOCKER',
      cause,
    });
  }
  // The daemon takes either for either; a container may be called like the beginning of another one's id.
  if (key === 'name' && details.Name.replace(/^\//, '') !== wanted) throw missing();
  if (key === 'id' && !details.Id.startsWith(wanted)) throw missing();
  return details;
}

/** The process of a container that must be running. */
export async function containerPid(docker: DockerClient, wanted: string, key: ContainerKey): Promise<number> {
  const { State } = await inspectContainer(docker, wanted, key);
  if (!State.Running || State.Pid === 0)
    throw new NetnsError(`the container "${wanted}" is not running (${State.Status}): start it first`, {
      code: 'ERR_CONTAINER_NOT_RUNNING',
    });
  return State.Pid;
}

/**
 * Opens the namespace of a running container. The daemon is asked again once it is open: a container that ended in
 * between may have left its pid to another process.
 */
export async function openContainer(docker: DockerClient, wanted: string, key: ContainerKey): Promise<NetnsHandle> {
  for (;;) {
    const pid = await containerPid(docker, wanted, key);
    let handle: NetnsHandle | undefined;
    try {
      handle = resolveNamespace({ pid });
    } catch (error) {
      // Gone already? Then the daemon knows by now, and says so, or says where the container is now.
      if ((await containerPid(docker, wanted, key)) === pid) throw error;
      continue;
    }
    try {
      if ((await containerPid(docker, wanted, key)) === pid) return handle;
    } catch (error) {
      handle.close();
      throw error;
    }
    handle.close();
  }
}
