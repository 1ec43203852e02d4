// Runs every bundle below a folder, in the sandbox that it is started in, and prints how each ended.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';

const [folder] = process.argv.slice(2);
const ended = {};
for (const file of readdirSync(folder, { recursive: true })
  .filter((name) => /\.[mc]js$/.test(name))
  .sort()) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(folder, file)], {
    encoding: 'utf8',
    timeout: 60_000,
    cwd: '/',
  });
  ended[file] = { status, stdout: stdout.trim(), stderr };
}
console.log(JSON.stringify(ended));
