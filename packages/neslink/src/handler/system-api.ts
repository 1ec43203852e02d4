import type { NetnsHandle } from 'netns-core';

/** What is done with files. Every method throws an error with the kernel's `code`. */
export interface OperatingSystem {
  /** Opens a file and gives its descriptor, which the caller closes. */
  openFile(name: string, flags: number, mode: number): number;
  /** Makes a directory and those above it. */
  mkDirAll(path: string, mode: number): void;
  /** Removes a file or an empty directory. */
  remove(name: string): void;
}

/** System calls. Every method throws an error with the kernel's `code`. */
export interface Syscall {
  /** mount(2). */
  mount(source: string, target: string, fsType: string, flags: number, data: string): void;
  /** umount2(2). */
  unmount(target: string, flags: number): void;
}

/** Work with namespaces. */
export interface NetNsNamespace {
  /** Makes a namespace, moves the calling thread into it and gives a handle that the caller closes. */
  newNetworkNamespace(): NetnsHandle;
  /** Opens a named namespace; the error of a missing one has the code `ENOENT`. */
  getNamespaceFromName(name: string): NetnsHandle;
  /** Moves the calling thread. */
  setNamespace(ns: NetnsHandle): void;
}

/** Work with links. */
export interface NetlinkNamespace {
  /** Moves a link of the calling thread's namespace, given by name or index, into the namespace of a descriptor. */
  linkSetNsFd(link: string | number, fd: number): void;
}

/** All that the handler does to the system; replace it to record, restrict or fake that. */
export interface SystemAPI extends OperatingSystem, Syscall, NetNsNamespace, NetlinkNamespace {}
