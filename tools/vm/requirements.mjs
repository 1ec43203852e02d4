import { accessSync, constants, readFileSync } from 'node:fs';
import path from 'node:path';
import { VmFailure } from './failure.mjs';

/** The programs that are needed, and the Debian packages they come in. */
const PROGRAMS = [
  { name: 'qemu-system-x86_64', comesIn: 'qemu-system-x86' },
  { name: 'busybox', comesIn: 'busybox-static' },
  { name: 'cpio', comesIn: 'cpio' },
];

/** Finds a program in PATH and where system programs live. */
export function findProgram(name) {
  for (const directory of `${process.env.PATH ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin`.split(':')) {
    const file = path.join(directory, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this one.
    }
  }
  return undefined;
}

/** A program of this ELF file's kind runs in the initramfs only if it needs no loader. */
function isStatic(file) {
  const bytes = readFileSync(file);
  if (bytes.toString('latin1', 0, 4) !== '\x7fELF') return false;
  const start = Number(bytes.readBigUInt64LE(32));
  const size = bytes.readUInt16LE(54);
  const count = bytes.readUInt16LE(56);
  const PT_INTERP = 3;
  for (let index = 0; index < count; index += 1)
    if (bytes.readUInt32LE(start + index * size) === PT_INTERP) return false;
  return true;
}

/**
 * The programs that the virtual machine is made with, by name.
 *
 * @throws VmFailure that lists everything missing at once
 */
export function requirePrograms() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new VmFailure(
      `the virtual machine boots Debian's amd64 kernel and runs this machine's own programs in it: that takes Linux on x86-64, and this is ${process.platform} on ${process.arch}.`,
    );
  const found = {};
  const missing = [];
  for (const { name, comesIn } of PROGRAMS) {
    const file = findProgram(name);
    if (file === undefined) missing.push(`${name} (Debian package ${comesIn})`);
    else found[name] = file;
  }
  if (found.busybox !== undefined && !isStatic(found.busybox))
    missing.push('a busybox that is linked statically (Debian package busybox-static)');
  if (missing.length > 0)
    throw new VmFailure(
      `missing for the virtual machine: ${missing.join(', ')}. Install it, for example with apt-get.`,
    );
  return { qemu: found['qemu-system-x86_64'], busybox: found.busybox, cpio: found.cpio };
}
