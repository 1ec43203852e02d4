#!/usr/bin/env node
// Runs tests on Debian's own kernel, in a virtual machine: for what the kernel of the machine at hand may lack.
//
//   node tools/vm/run.mjs [test file …]              the tests of vitest.config.ts here, or those that are named
//   node tools/vm/run.mjs -- command [argument …]    anything else
//
// The machine boots within seconds, sees this machine's files (writes stay in its memory), has no network but what
// the tests make, and goes away afterwards. Root is not needed: inside, every process is root.
//
// Environment: NETNS_VM_TIMEOUT (seconds, 1450), NETNS_VM_ACCEL ('tcg', or 'kvm' where it works), NETNS_VM_CPUS (2),
// NETNS_VM_MEMORY (MiB, 3072).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { VmFailure } from './failure.mjs';
import { buildInitramfs } from './initramfs.mjs';
import { debianKernel } from './kernel-image.mjs';
import { boot } from './machine.mjs';
import { BOOT_MODULES, OPTIONAL_MODULES, TEST_MODULES } from './module-list.mjs';
import { ModuleSet } from './module-set.mjs';
import { requirePrograms } from './requirements.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

function positive(name, fallback) {
  const text = process.env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!(value > 0)) throw new VmFailure(`${name} must be a number greater than 0; it is ${JSON.stringify(text)}.`);
  return value;
}

/** What runs inside: vitest over the tests of all packages, in one boot. */
function commandFrom(args) {
  if (args[0] === '--') return args.slice(1);
  const vitest = path.join(ROOT, 'node_modules/vitest/vitest.mjs');
  return [process.execPath, vitest, 'run', '--config', path.join(ROOT, 'tools/vm/vitest.config.ts'), ...args];
}

async function main() {
  const command = commandFrom(process.argv.slice(2));
  if (command.length === 0) throw new VmFailure('usage: run.mjs [test file …] | run.mjs -- command [argument …]');
  const programs = requirePrograms();
  const timeout = positive('NETNS_VM_TIMEOUT', 1450) * 1000;
  const kernel = debianKernel(path.join(ROOT, '.vm-cache'));
  const modules = new ModuleSet(kernel.modules);
  const work = mkdtempSync(path.join(tmpdir(), 'netns-vm-'));
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(name, () => interruption.abort());
  try {
    const initramfs = buildInitramfs({
      programs,
      folder: work,
      bootModules: modules.inLoadOrder(BOOT_MODULES),
      testModules: modules.inLoadOrder(TEST_MODULES, OPTIONAL_MODULES),
      command,
      cwd: ROOT,
      env: {
        PATH: `${path.dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
        HOME: '/root',
        LANG: 'C.UTF-8',
        // The output is a log: no progress that is drawn over and over again.
        CI: 'true',
        ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }),
        NETNS_VM: kernel.release,
        // Emulated, everything takes longer.
        NETNS_TEST_TIME_FACTOR: '4',
      },
      reportDevice: '/dev/ttyS1',
    });
    process.stderr.write(`vm: booting Linux ${kernel.release}\n`);
    const outcome = await boot({
      qemu: programs.qemu,
      kernel: kernel.kernel,
      initramfs,
      share: '/',
      memory: positive('NETNS_VM_MEMORY', 3072),
      cpus: positive('NETNS_VM_CPUS', 2),
      accelerator: process.env.NETNS_VM_ACCEL || 'tcg,thread=multi',
      timeout,
      reportFile: path.join(work, 'report'),
      onOutput: (text) => process.stdout.write(text),
      signal: interruption.signal,
    });
    if (outcome.code === undefined) throw new VmFailure(`the virtual machine gave no result: ${outcome.reason}`);
    return outcome.code;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof VmFailure)) throw error;
  process.stderr.write(`vm: ${error.message}\n`);
  process.exitCode = 125;
}
