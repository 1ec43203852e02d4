// Where a packaged plugin finds koffi, the native part of netns-core: in a directory beside the plugin's own file. Its
// name has the digest of what is in it, so that a plugin and its replacement do not get in each other's way. The build
// puts `packaged.url` in the place of `import.meta.url`, from which netns-core looks for koffi when it needs it, and
// defines KOFFI_DIRECTORY and KOFFI_FILES, the names of the directory and of what is in it.
import { lstatSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { getAsset, isSea } from 'node:sea';
import { pathToFileURL } from 'node:url';

const directory = path.join(path.dirname(isSea() ? process.execPath : __filename), KOFFI_DIRECTORY);

/** Whether the directory is there, and only this user can have put there what is in it. */
function isThere() {
  const found = lstatSync(directory, { throwIfNoEntry: false });
  if (found === undefined) return false;
  if (found.isDirectory() && found.uid === process.geteuid() && (found.mode & 0o022) === 0) return true;
  throw new Error(`${directory} can be written to by others than the user of this plugin: remove it`);
}

/** Takes koffi out of the single executable, for the kernel loads native code from files alone. */
function unpack() {
  const fresh = mkdtempSync(`${directory}.`);
  try {
    for (const file of KOFFI_FILES.split(' ')) {
      mkdirSync(path.dirname(path.join(fresh, file)), { recursive: true });
      writeFileSync(path.join(fresh, file), Buffer.from(getAsset(file)));
    }
    renameSync(fresh, directory);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    // Another call was first.
    if (!isThere()) throw error;
  }
}

export const packaged = {
  get url() {
    if (isSea() && !isThere()) unpack();
    return pathToFileURL(path.join(directory, 'plugin')).href;
  },
};
