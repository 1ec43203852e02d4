import { spawnSync } from 'node:child_process';
import { realRoot } from './requirements.ts';

const AS_NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups'];

/**
 * A command that starts a program without capabilities, as user 65534 where there is such a user and it can read the
 * file: the root of a user namespace has no other users.
 */
export function withoutPrivileges(file: string): string[] {
  const canBeNobody = realRoot() && spawnSync('setpriv', [...AS_NOBODY, 'test', '-r', file]).status === 0;
  return [
    ...['setpriv', ...(canBeNobody ? AS_NOBODY : [])],
    ...['--bounding-set=-all', '--inh-caps=-all', '--no-new-privs'],
  ];
}
