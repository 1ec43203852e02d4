import { mkdirSync, openSync, rmdirSync, statSync, unlinkSync } from 'node:fs';
import { linkSetNsFd } from 'netlink-links';
import { getFromName, NetnsError, type NetnsHandle, newNetns, set } from 'netns-core';
import { sys } from 'netns-core/sys';
import type { SystemAPI } from './system-api.js';

/** The system itself. */
export class SystemHandler implements SystemAPI {
  openFile(name: string, flags: number, mode: number): number {
    return openSync(name, flags, mode);
  }

  mkDirAll(path: string, mode: number): void {
    mkdirSync(path, { recursive: true, mode });
  }

  remove(name: string): void {
    if (statSync(name).isDirectory()) rmdirSync(name);
    else unlinkSync(name);
  }

  mount(source: string, target: string, fsType: string, flags: number, data: string): void {
    const answer = sys().mount(source, target, fsType, flags, data === '' ? null : data);
    if (answer < 0)
      throw NetnsError.fromErrno(-answer, 'mount', `cannot mount ${source || fsType} on ${target}`, { path: target });
  }

  unmount(target: string, flags: number): void {
    const answer = sys().umount2(target, flags);
    if (answer < 0) throw NetnsError.fromErrno(-answer, 'umount2', `cannot unmount ${target}`, { path: target });
  }

  newNetworkNamespace(): NetnsHandle {
    return newNetns();
  }

  getNamespaceFromName(name: string): NetnsHandle {
    return getFromName(name);
  }

  setNamespace(ns: NetnsHandle): void {
    set(ns);
  }

  linkSetNsFd(link: string | number, fd: number): void {
    linkSetNsFd(link, fd);
  }
}

/** The system itself, as the handler uses it unless another one is given. */
export function newSystemHandler(): SystemHandler {
  return new SystemHandler();
}
