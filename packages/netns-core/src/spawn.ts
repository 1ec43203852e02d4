import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { checkMisspeltOptions, checkOptionsObject, type KnownOptions, shown } from './checks/index.js';
import { accessDenied, InvalidOptionError, NetnsError } from './errors.js';
import { runInNamespace } from './hop/hop.js';
import { checkName } from './namespace/names.js';
import { describeNamespace, type NamespaceRef, namespaceName } from './namespace/reference.js';

const NOT_AN_OPTION = 'the first argument';

/** Options of `child_process.spawn`, and ours. */
export interface SpawnInNamespaceOptions extends SpawnOptions {
  /**
   * Does what `ip netns exec` does beside entering the namespace: the process gets a mount namespace of its own, with
   * the files of `/etc/netns/<name>` bound over those in `/etc`, and `/sys` showing the namespace's interfaces. `true`
   * takes the name of the reference; a string is a name. Needs CAP_SYS_ADMIN and util-linux.
   */
  netnsEtc?: boolean | string | undefined;
}

/**
 * Starts a process that lives in a network namespace.
 *
 * @returns the child, as `child_process.spawn` does; a command that is not found is its 'error' event, or with
 *   `netnsEtc` its exit code 127 (126 where a file cannot be bound or `/sys` not be mounted, with the word on stderr)
 * @throws as {@link runInNamespace}; NetnsError `ERR_INVALID_ARGUMENT` if `netnsEtc` is true and the reference is not a
 * name
 */
export function spawnInNamespace(
  ref: NamespaceRef,
  command: string,
  args: readonly string[] = [],
  options: SpawnInNamespaceOptions = {},
): ChildProcess {
  checkOptionsObject(options, 'spawnInNamespace');
  checkMisspeltOptions(options, KNOWN, NO_OTHERS);
  checkCommand(command, args);
  const { netnsEtc, ...spawnOptions } = options;
  if (netnsEtc !== undefined && typeof netnsEtc !== 'boolean' && typeof netnsEtc !== 'string')
    throw new InvalidOptionError('netnsEtc', `netnsEtc must be true, false or a name, got ${shown(netnsEtc)}`);
  if (netnsEtc === undefined || netnsEtc === false) return spawnThere(ref, command, args, spawnOptions);

  const name = netnsEtc === true ? namespaceName(ref) : netnsEtc;
  if (name === undefined)
    throw new NetnsError(
      `the option netnsEtc needs the name of a directory in /etc/netns, and ${describeNamespace(ref)} has none: give the name`,
      { code: 'ERR_INVALID_ARGUMENT' },
    );
  checkName(name);
  for (const [option, advice] of NOT_WITH_NETNS_ETC)
    if (spawnOptions[option] !== undefined && spawnOptions[option] !== false)
      throw new NetnsError(`the options netnsEtc and ${option} do not go together: ${advice}`, {
        code: 'ERR_INVALID_ARGUMENT',
      });
  // util-linux's unshare and sh replace themselves by exec, so the child's pid is the command's.
  const wrapped = [
    '--mount',
    '--propagation',
    'slave',
    '--',
    '/bin/sh',
    '-c',
    MOUNT_AND_EXEC,
    'sh',
    name,
    command,
    ...args,
  ];
  return spawnThere(ref, 'unshare', wrapped, spawnOptions);
}

function spawnThere(ref: NamespaceRef, command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  try {
    return runInNamespace(ref, () => spawn(command, args, options));
  } catch (error) {
    throw accessDenied(error, `cannot start a process in ${describeNamespace(ref)}`, '--allow-child-process');
  }
}

/** @throws InvalidOptionError */
function checkCommand(command: unknown, args: unknown): void {
  if (typeof command !== 'string' || command === '')
    throw new InvalidOptionError('command', `command must be the name or path of a program, got ${shown(command)}`);
  if (!Array.isArray(args)) throw new InvalidOptionError('args', `args must be an array, got ${shown(args)}`);
  for (const arg of args)
    if (typeof arg !== 'string' && typeof arg !== 'number')
      throw new InvalidOptionError('args', `args must be an array of strings, got one with ${shown(arg)}`);
}

/** Node's options, and ours; further ones of a newer Node are passed on as well. */
const KNOWN: KnownOptions = {
  callee: 'spawnInNamespace',
  names: [
    'netnsEtc',
    'argv0',
    'cwd',
    'detached',
    'env',
    'gid',
    'killSignal',
    'serialization',
    'shell',
    'signal',
    'stdio',
    'timeout',
    'uid',
    'windowsHide',
    'windowsVerbatimArguments',
  ],
  synonyms: { namespace: NOT_AN_OPTION, netns: NOT_AN_OPTION, vrf: NOT_AN_OPTION },
};
const NO_OTHERS: ReadonlySet<string> = new Set();

/** Options that would be the wrapper's, not the command's. */
const NOT_WITH_NETNS_ETC = [
  ['shell', 'start the shell as the command'],
  ['uid', 'the files are bound by root; start `setpriv --reuid … --` as the command'],
  ['gid', 'the files are bound by root; start `setpriv --regid … --` as the command'],
  ['argv0', 'start the command by a shell that sets it'],
] as const satisfies readonly (readonly [keyof SpawnOptions, string])[];

// As iproute2's netns_switch and bind_etc: what cannot be mounted ends it, with the word of `mount` on stderr; a file
// without its counterpart in /etc is passed over.
const MOUNT_AND_EXEC = `
name=$1; shift
mode=rw; [ -w /sys ] || mode=ro
mount -t sysfs -o "$mode" -- "$name" /sys || exit 126
for file in /etc/netns/"$name"/* /etc/netns/"$name"/.[!.]*; do
  target=/etc/"\${file##*/}"
  if [ -e "$file" ] && [ -e "$target" ]; then
    mount --bind -- "$file" "$target" || exit 126
  fi
done
exec "$@"
`;
