import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { SandboxFailure } from './failure.mjs';

/** The network and mount namespaces of a process, `'net:[1] mnt:[2]'`: of this one unless another is asked for. */
export const namespacesOf = (pid = 'self') =>
  `${readlinkSync(`/proc/${pid}/ns/net`)} ${readlinkSync(`/proc/${pid}/ns/mnt`)}`;

/**
 * Proves that this process has left both namespaces that it was started from.
 *
 * @param {string | undefined} outside what {@link namespacesOf} returned there
 */
export function checkInside(outside) {
  const [net, mnt] = (outside ?? '').split(' ');
  const [ownNet, ownMnt] = namespacesOf().split(' ');
  if (!net || !mnt || net === ownNet || mnt === ownMnt)
    throw new SandboxFailure('refusing to go on: this process is still in the namespaces it was started from.');
}

function readOr(file, fallback) {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return fallback;
  }
}

/** Why this machine refuses user namespaces, as far as it can be told from its settings. */
function explainRefusal(stderr) {
  const reasons = [];
  if (readOr('/proc/sys/kernel/unprivileged_userns_clone', '1') === '0')
    reasons.push(
      'kernel.unprivileged_userns_clone is 0: `sysctl kernel.unprivileged_userns_clone=1` as root allows them',
    );
  if (readOr('/proc/sys/user/max_user_namespaces', '1') === '0')
    reasons.push('user.max_user_namespaces is 0: `sysctl user.max_user_namespaces=10000` as root allows them');
  if (readOr('/proc/sys/kernel/apparmor_restrict_unprivileged_userns', '0') === '1')
    reasons.push(
      'AppArmor restricts them: `sysctl kernel.apparmor_restrict_unprivileged_userns=0` as root allows them',
    );
  if (reasons.length === 0) reasons.push('a container or a security module may forbid them');
  return [
    'this machine allows neither network namespaces (that takes root with CAP_SYS_ADMIN) nor user namespaces.',
    ...reasons.map((reason) => `  - ${reason}`),
    `  unshare said: ${stderr.trim() || 'nothing'}`,
    '  Allow one of the two, or run this as root.',
  ].join('\n');
}

/** The flags with which `unshare` works here: as root without a user namespace, otherwise with one. */
export function unshareFlags() {
  const privileged = ['--net', '--mount', '--propagation', 'private'];
  const candidates = [['--user', '--map-root-user', ...privileged]];
  if (process.getuid() === 0) candidates.unshift(privileged);
  let stderr = '';
  for (const flags of candidates) {
    const probe = spawnSync('unshare', [...flags, 'true'], { encoding: 'utf8' });
    if (probe.error?.code === 'ENOENT')
      throw new SandboxFailure('the program `unshare` is missing: it comes with util-linux.');
    if (probe.status === 0) return flags;
    stderr = probe.stderr ?? '';
  }
  throw new SandboxFailure(explainRefusal(stderr));
}
