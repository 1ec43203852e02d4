import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { VmFailure } from './failure.mjs';

/** What unpacks a module's file, by the ending after `.ko`. Debian compresses from trixie on. */
const UNPACK = { '.xz': ['xz', '-dc'], '.zst': ['zstd', '-dc'], '.gz': ['gzip', '-dc'] };

/** A module's name as the kernel spells it: with underscores, whatever the file says. */
const canonical = (name) => name.replaceAll('-', '_');

function read(file) {
  const unpack = UNPACK[path.extname(file)];
  if (unpack === undefined) return readFileSync(file);
  const [program, ...args] = unpack;
  const result = spawnSync(program, [...args, file], { maxBuffer: 1 << 28 });
  if (result.error) throw new VmFailure(`cannot unpack kernel modules: ${program}: ${result.error.message}`);
  if (result.status !== 0) throw new VmFailure(`cannot unpack ${file}: ${result.stderr.toString().trim()}`);
  return result.stdout;
}

/** The modules of a kernel, found by name and put in the order in which they can be loaded. */
export class ModuleSet {
  #files = new Map();
  #builtin = new Set();
  #loaded = new Map();

  /** @param {string} folder `/lib/modules/<release>` of the kernel's package */
  constructor(folder) {
    for (const entry of readdirSync(path.join(folder, 'kernel'), { recursive: true })) {
      const match = /([^/]+)\.ko(?:\.(?:xz|zst|gz))?$/.exec(entry);
      if (match) this.#files.set(canonical(match[1]), path.join(folder, 'kernel', entry));
    }
    for (const line of readFileSync(path.join(folder, 'modules.builtin'), 'utf8').split('\n')) {
      const match = /([^/]+)\.ko$/.exec(line);
      if (match) this.#builtin.add(canonical(match[1]));
    }
  }

  #load(name) {
    let module = this.#loaded.get(name);
    if (module === undefined) {
      const bytes = read(this.#files.get(name));
      // The .modinfo section is a sequence of `key=value` strings, each ended by a NUL.
      const depends = /\0depends=([^\0]*)\0/.exec(bytes.toString('latin1'))?.[1] ?? '';
      module = { name, bytes, depends: depends.split(',').filter(Boolean).map(canonical) };
      this.#loaded.set(name, module);
    }
    return module;
  }

  /**
   * The named modules and all that they need, each after what it needs. What is built into the kernel is left out.
   *
   * @param {readonly string[]} names
   * @param {readonly string[]} optional modules that a kernel may lack
   * @returns {{ name: string, bytes: Buffer }[]}
   */
  inLoadOrder(names, optional = []) {
    const order = [];
    const seen = new Set();
    const visit = (name, mayLack) => {
      if (seen.has(name) || this.#builtin.has(name)) return;
      seen.add(name);
      if (!this.#files.has(name)) {
        if (mayLack) return;
        throw new VmFailure(`the kernel has no module ${name}`);
      }
      const module = this.#load(name);
      for (const needed of module.depends) visit(needed, false);
      order.push(module);
    };
    for (const name of names) visit(canonical(name), false);
    for (const name of optional) visit(canonical(name), true);
    return order;
  }
}
