import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { packageNames, ROOT, readManifest, run } from './workspace.mjs';

/** A package without changes of its own gets a new version only if one that it depends on leaves its range. */
const FIRST = '0.0.0';

/**
 * Copies what a release is made of, as it lies in the working tree, and gives the packages their next versions and
 * changelogs there, as `changeset version` does before a release. The working tree stays as it is.
 *
 * @param folder where the copy is put; must not exist
 * @returns the versions by package
 */
export function makeVersionedCopy(folder) {
  mkdirSync(folder, { recursive: true });
  for (const file of ['package.json', 'pnpm-workspace.yaml', 'LICENSE', '.changeset'])
    cpSync(path.join(ROOT, file), path.join(folder, file), { recursive: true });
  const names = packageNames();
  for (const name of names) {
    const from = path.join(ROOT, 'packages', name);
    const to = path.join(folder, 'packages', name);
    if (!existsSync(path.join(from, 'dist')))
      throw new Error(`${name} is not built: run \`npx -y pnpm@10 build\` first`);
    mkdirSync(to, { recursive: true });
    for (const file of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'dist', 'src'])
      if (existsSync(path.join(from, file)))
        cpSync(path.join(from, file), path.join(to, file), { recursive: true, dereference: true });
  }
  for (const name of names) {
    const manifest = readManifest(path.join(folder, 'packages', name));
    const modules = path.join(folder, 'packages', name, 'node_modules');
    mkdirSync(modules);
    // pnpm takes the version behind `workspace:` from here.
    for (const sibling of Object.keys(manifest.dependencies ?? {}).filter((dependency) => names.includes(dependency)))
      symlinkSync(path.join(folder, 'packages', sibling), path.join(modules, sibling));
  }
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));

  // The program refuses to run outside a git repository.
  const git = (...args) =>
    run('git', ['-c', 'user.name=release', '-c', 'user.email=release@localhost', ...args], folder);
  git('init', '--quiet', '--initial-branch=main');
  run(process.execPath, [path.join(ROOT, 'node_modules/@changesets/cli/bin.js'), 'version'], folder);

  const versions = {};
  for (const name of names) {
    const { version } = readManifest(path.join(folder, 'packages', name));
    versions[name] = version;
    if (version === FIRST) throw new Error(`no changeset of ${name}: it would stay ${FIRST}`);
    const changelog = path.join(folder, 'packages', name, 'CHANGELOG.md');
    if (!existsSync(changelog) || !readFileSync(changelog, 'utf8').includes(`## ${version}`))
      throw new Error(`the CHANGELOG of ${name} does not tell of ${version}`);
  }
  return versions;
}
