import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { SandboxFailure } from './failure.mjs';

function mount(...args) {
  const result = spawnSync('mount', args, { encoding: 'utf8' });
  if (result.error) throw new SandboxFailure(`cannot run mount: ${result.error.message}`);
  return result.status === 0 ? undefined : result.stderr.trim();
}

/** Gives the sandbox a /run of its own and an /etc that can be written to. */
function prepareFiles() {
  const refused = mount('-t', 'tmpfs', '-o', 'mode=755', 'sandbox', '/run');
  if (refused) throw new SandboxFailure(`cannot mount an empty /run: ${refused}`);
  for (const directory of ['etc', 'work', 'lock', 'netns'])
    mkdirSync(`/run/${directory === 'netns' ? 'netns' : `.sandbox/${directory}`}`, { recursive: true });
  const overlay = mount(
    '-t',
    'overlay',
    '-o',
    'lowerdir=/etc,upperdir=/run/.sandbox/etc,workdir=/run/.sandbox/work',
    'sandbox',
    '/etc',
  );
  if (!overlay) return;
  // No overlay here (the kernel stacks two, no more): a copy does as well. What an ordinary user may not read, it does
  // not need either.
  mkdirSync('/run/.sandbox/etc-copy', { recursive: true });
  spawnSync('cp', ['-a', '/etc/.', '/run/.sandbox/etc-copy/'], { stdio: 'ignore' });
  const bound = mount('--bind', '/run/.sandbox/etc-copy', '/etc');
  if (bound) throw new SandboxFailure(`cannot make /etc writable inside: overlay: ${overlay}; bind: ${bound}`);
}

/**
 * Hides what the machine has for its own namespaces. Names in the sandbox may be the same, and in a user namespace the
 * directory of the machine's root could not be written to.
 */
function hideNamespaceFiles() {
  if (!existsSync('/etc/netns')) return;
  const refused = mount('-t', 'tmpfs', '-o', 'mode=755', 'sandbox', '/etc/netns');
  if (refused) throw new SandboxFailure(`cannot mount an empty /etc/netns: ${refused}`);
}

/** Brings `lo` up where iproute2 is there; what runs inside can do without it (netlink-links brings it up, too). */
function loopbackUp() {
  for (const ip of ['/usr/sbin/ip', '/sbin/ip', '/usr/bin/ip', '/bin/ip']) {
    if (!existsSync(ip)) continue;
    spawnSync(ip, ['link', 'set', 'lo', 'up'], { stdio: 'ignore' });
    return;
  }
}

/** Makes the namespaces that this process has just been given a place to work in: /run, /etc and `lo`. */
export function prepareSandbox() {
  prepareFiles();
  hideNamespaceFiles();
  loopbackUp();
}
