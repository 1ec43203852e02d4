import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROLLDOWN, ROOT } from '../release/workspace.mjs';

/** What programs need of a build. */
const BUILD = [ROLLDOWN, '--config', 'rolldown.config.ts'];

function run(command, args, cwd = ROOT) {
  const { status, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
}

/**
 * Puts other texts in the place of a source file, and what is built of them in the place of its package's `dist`, which
 * the programs that tests start read. By mounts: only this sandbox sees it, and nothing has to be put back if it ends.
 */
export class FaultySource {
  #folder = mkdtempSync(path.join(tmpdir(), 'mutation-'));
  #file;
  #package;
  #mounted = [];
  #isBuilt = false;

  /** @param {string} file relative to the workspace */
  constructor(file) {
    this.#file = path.join(ROOT, file);
    this.#package = path.join(ROOT, file.split('/').slice(0, 2).join('/'));
  }

  /** @param {string} text */
  put(text) {
    const copy = path.join(this.#folder, 'source.ts');
    writeFileSync(copy, text);
    this.#mount(copy, this.#file);
    this.#isBuilt = false;
  }

  /** Lets programs read it as well. */
  build() {
    if (this.#isBuilt) return;
    const dist = path.join(this.#package, 'dist');
    const built = path.join(this.#folder, 'dist');
    if (!this.#mounted.includes(dist)) {
      cpSync(dist, built, { recursive: true });
      this.#mount(built, dist);
    }
    run(process.execPath, BUILD, this.#package);
    this.#isBuilt = true;
  }

  #mount(what, where) {
    if (this.#mounted.includes(where)) return;
    run('mount', ['--bind', what, where]);
    this.#mounted.push(where);
  }

  remove() {
    for (const where of this.#mounted.splice(0)) run('umount', [where]);
    rmSync(this.#folder, { recursive: true });
  }
}
