import { shown } from '../checks/index.js';
import { InvalidOptionError } from '../errors.js';
import {
  AF_UNIX,
  encodeUnixAddress,
  getIntOption,
  SO_ACCEPTCONN,
  SO_DOMAIN,
  SO_TYPE,
  SOCK_STREAM,
  SOL_SOCKET,
  sys,
  UNIX_PATH_MAX,
} from '../sys/index.js';

/** `SD_LISTEN_FDS_START` of sd_listen_fds(3) */
const FIRST_PASSED = 3;

/**
 * The socket that systemd has passed to this process (sd_listen_fds(3)).
 *
 * @returns `undefined` where it has passed none
 * @throws InvalidOptionError where it has passed several
 */
export function passedSocket({ LISTEN_PID, LISTEN_FDS }: NodeJS.ProcessEnv, pid: number): number | undefined {
  // Those of another process are in the environment of its children as well.
  if (LISTEN_FDS === undefined || LISTEN_PID !== String(pid)) return undefined;
  if (LISTEN_FDS === '1') return FIRST_PASSED;
  throw new InvalidOptionError(
    'LISTEN_FDS',
    `systemd must pass one socket to netns-broker, got ${shown(LISTEN_FDS)}: give the .socket unit one ListenStream=`,
  );
}

/** @throws InvalidOptionError where a descriptor is not that of a socket that listens at a path */
export function checkListens(fd: number, path: string): void {
  const is = (option: number, value: number): boolean => getIntOption(fd, SOL_SOCKET, option) === value;
  const address = new Uint8Array(2 + UNIX_PATH_MAX);
  const expected = encodeUnixAddress(path);
  if (
    is(SO_DOMAIN, AF_UNIX) &&
    is(SO_TYPE, SOCK_STREAM) &&
    is(SO_ACCEPTCONN, 1) &&
    sys().getsockname(fd, address) >= 0 &&
    Buffer.compare(address.subarray(0, expected.length), expected) === 0
  )
    return;
  throw new InvalidOptionError(
    'fd',
    `fd must be a UNIX stream socket that listens at ${shown(path)}, which ${fd} is not: ListenStream= of the .socket unit and path of the configuration must be the same`,
  );
}
