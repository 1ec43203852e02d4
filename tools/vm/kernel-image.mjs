import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { VmFailure } from './failure.mjs';
import { findProgram } from './requirements.mjs';

const META_PACKAGE = 'linux-image-amd64';

function run(program, args, options = {}) {
  const result = spawnSync(findProgram(program) ?? program, args, { encoding: 'utf8', maxBuffer: 1 << 24, ...options });
  if (result.error) throw new VmFailure(`cannot run ${program}: ${result.error.message}`);
  return result;
}

/** The package with the kernel itself, which the meta package depends on; `undefined` where apt does not know it. */
function currentPackage() {
  if (findProgram('apt-cache') === undefined) return undefined;
  const { stdout } = run('apt-cache', ['depends', '--important', META_PACKAGE]);
  return /Depends: (linux-image-\d\S+)/.exec(stdout)?.[1];
}

function kernelIn(root, name) {
  const release = name.replace(/^linux-image-/, '');
  const kernel = path.join(root, 'boot', `vmlinuz-${release}`);
  const modules = [path.join(root, 'lib/modules', release), path.join(root, 'usr/lib/modules', release)].find(
    (folder) => existsSync(path.join(folder, 'kernel')),
  );
  return existsSync(kernel) && modules !== undefined ? { release, kernel, modules } : undefined;
}

/**
 * Debian's own kernel and its modules: the package's, unpacked into the cache folder and never installed.
 *
 * @param {string} cache a folder that is kept between runs
 * @returns {{ release: string, kernel: string, modules: string }} where they are
 * @throws VmFailure where neither the cache nor apt has one
 */
export function debianKernel(cache) {
  try {
    mkdirSync(cache, { recursive: true });
  } catch (error) {
    throw new VmFailure(`cannot make the folder for the kernel, ${cache}: ${error.code}`);
  }
  const cached = readdirSync(cache)
    .filter((name) => /^linux-image-\d/.test(name) && kernelIn(path.join(cache, name), name) !== undefined)
    .sort();
  const name = currentPackage() ?? cached.at(-1);
  if (name === undefined)
    throw new VmFailure(
      `apt knows no package ${META_PACKAGE}: run \`apt-get update\` as root, on a Debian whose sources include main.`,
    );
  const unpacked = path.join(cache, name);
  const present = kernelIn(unpacked, name);
  if (present !== undefined) return present;

  let work;
  try {
    work = mkdtempSync(path.join(cache, '.unpack-'));
  } catch (error) {
    throw new VmFailure(`cannot write to the folder for the kernel, ${cache}: ${error.code}`);
  }
  try {
    process.stderr.write(`vm: downloading ${name}\n`);
    const download = run('apt-get', ['download', name], { cwd: work });
    const archive = readdirSync(work).find((file) => file.endsWith('.deb'));
    if (download.status !== 0 || archive === undefined) {
      // What was downloaded for an earlier version serves, too: the tests need Debian's kernel, not its latest.
      const earlier = cached.at(-1);
      if (earlier !== undefined) return kernelIn(path.join(cache, earlier), earlier);
      throw new VmFailure(
        `cannot download ${name}: run \`apt-get update\` as root and try again. apt-get said: ${download.stderr.trim()}`,
      );
    }
    const image = path.join(work, 'image');
    const unpack = run('dpkg', ['-x', path.join(work, archive), image]);
    if (unpack.status !== 0) throw new VmFailure(`cannot unpack ${archive}: ${unpack.stderr.trim()}`);
    rmSync(unpacked, { recursive: true, force: true });
    renameSync(image, unpacked);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  const kernel = kernelIn(unpacked, name);
  if (kernel === undefined)
    throw new VmFailure(`the package ${name} holds no kernel where Debian puts it: ${unpacked}`);
  return kernel;
}
