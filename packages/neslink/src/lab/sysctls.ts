import { writeFileSync } from 'node:fs';
import { InvalidOptionError, type NamespaceRef, NetnsError, runInNamespace } from 'netns-core';
import { shown } from 'netns-core/checks';

/**
 * The file of a sysctl, as sysctl(8) understands its name: if the first separator is a dot, slashes stand for dots.
 */
function fileOf(name: string): string {
  const swapped = /^[^./]*\./.test(name) ? name.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.')) : name;
  return `/proc/sys/${swapped}`;
}

/** @throws InvalidOptionError for what is not a sysctl of a network namespace, or not a value */
export function checkSysctl(name: string, value: unknown, place: string): [name: string, value: string] {
  if (!/^net[./][A-Za-z0-9_./@-]+$/.test(name) || /(^|[./])(\.\.?)?([./]|$)/.test(name))
    throw new InvalidOptionError(
      'sysctls',
      `${place}: ${shown(name)} is not a sysctl of a network namespace ('net.ipv4.ip_forward')`,
    );
  if (typeof value !== 'string' && !(typeof value === 'number' && Number.isFinite(value)))
    throw new InvalidOptionError('sysctls', `${place}['${name}'] must be a string or a number, got ${shown(value)}`);
  return [name, String(value)];
}

/**
 * Sets a sysctl of a namespace. The file shows the namespace that the thread is in when it is opened.
 *
 * @throws NetnsError
 */
export function setSysctl(namespace: NamespaceRef, name: string, value: string): void {
  const file = fileOf(name);
  try {
    runInNamespace(namespace, () => writeFileSync(file, value));
  } catch (cause) {
    const { code = 'ERR_SYSCTL', message } = cause as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'this kernel, or this node, has no such sysctl' : message;
    throw new NetnsError(`cannot set ${name} to ${shown(value)}: ${reason}`, { code, path: file, cause });
  }
}

/** {@link setSysctl} of what a kernel may lack: IPv6, for instance. */
export function setSysctlIfPresent(namespace: NamespaceRef, name: string, value: string): void {
  try {
    setSysctl(namespace, name, value);
  } catch (error) {
    if (!(error instanceof NetnsError) || error.code !== 'ENOENT') throw error;
  }
}
