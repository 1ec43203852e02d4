import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { VmFailure } from './failure.mjs';
import { MODULE_PARAMETERS } from './module-list.mjs';

const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** Runs as the first program: mounts the host's files and goes over to them. */
function init(bootModules, testModules) {
  const load = (modules) =>
    modules.map(({ name }) => {
      const parameters = MODULE_PARAMETERS[name] ?? '';
      return `insmod /modules/${name}.ko ${parameters} || echo "vm: cannot load the module ${name}"`;
    });
  return [
    '#!/bin/busybox sh',
    '/bin/busybox --install -s /bin; export PATH=/bin',
    'mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev',
    ...load(bootModules),
    // The host's root, read-only; above it a file system in memory that takes every write and goes with the machine.
    'mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=524288,access=any host0 /host || exec poweroff -f',
    'mount -t tmpfs -o mode=755 memory /memory; mkdir /memory/upper /memory/work',
    'mount -t overlay -o lowerdir=/host,upperdir=/memory/upper,workdir=/memory/work root /root || exec poweroff -f',
    // Tunnel modules would make a fallback device in every namespace, which only gets in the tests' way.
    'echo 2 > /proc/sys/net/core/fb_tunnels_only_for_init_net',
    ...load(testModules),
    'mount --move /proc /root/proc; mount --move /sys /root/sys; mount --move /dev /root/dev',
    'mount -t tmpfs -o mode=755 run /root/run; mkdir /root/run/vm; cp /guest.sh /root/run/vm/guest.sh',
    'exec switch_root /root /bin/sh /run/vm/guest.sh',
    '',
  ].join('\n');
}

/** Runs as process 1 in the host's files: prepares the machine, runs the command, reports its exit code. */
function guest({ command, cwd, env, reportDevice }) {
  const assignments = Object.entries(env).map(([name, value]) => `export ${name}=${quote(value)}`);
  return [
    ...assignments,
    'mkdir -p /dev/pts /dev/shm /run/netns',
    'mount -t devpts devpts /dev/pts; mount -t tmpfs shm /dev/shm',
    'mount -t cgroup2 cgroup2 /sys/fs/cgroup 2>/dev/null',
    'mount -t securityfs securityfs /sys/kernel/security 2>/dev/null',
    'ip link set lo up',
    `cd ${quote(cwd)}`,
    `${command.map(quote).join(' ')} </dev/null`,
    `echo "exit $?" > ${reportDevice}`,
    'exec >/dev/null 2>&1',
    'sync; echo o > /proc/sysrq-trigger',
    // The power goes off in the background. Process 1 must not end before, and can start no program any more.
    'while :; do :; done',
    '',
  ].join('\n');
}

/**
 * Makes the archive that the kernel starts from: busybox, the modules, and two scripts.
 *
 * @param options.folder where it may put its files
 * @returns {string} the archive's file
 */
export function buildInitramfs({ programs, folder, bootModules, testModules, command, cwd, env, reportDevice }) {
  const root = path.join(folder, 'root');
  for (const name of ['bin', 'dev', 'proc', 'sys', 'host', 'memory', 'root', 'modules'])
    mkdirSync(path.join(root, name), { recursive: true });
  copyFileSync(programs.busybox, path.join(root, 'bin/busybox'));
  chmodSync(path.join(root, 'bin/busybox'), 0o755);
  for (const { name, bytes } of [...bootModules, ...testModules])
    writeFileSync(path.join(root, 'modules', `${name}.ko`), bytes);
  const loadedFirst = new Set(bootModules.map(({ name }) => name));
  const loadedLater = testModules.filter(({ name }) => !loadedFirst.has(name));
  writeFileSync(path.join(root, 'init'), init(bootModules, loadedLater), { mode: 0o755 });
  writeFileSync(path.join(root, 'guest.sh'), guest({ command, cwd, env, reportDevice }));
  const files = readdirSync(root, { recursive: true });
  const archive = spawnSync(programs.cpio, ['--create', '--format=newc', '--owner=0:0', '--quiet'], {
    cwd: root,
    input: files.join('\n'),
    maxBuffer: 1 << 29,
  });
  if (archive.status !== 0) throw new VmFailure(`cpio failed: ${archive.stderr?.toString().trim()}`);
  const file = path.join(folder, 'initramfs.cpio');
  writeFileSync(file, archive.stdout);
  return file;
}
