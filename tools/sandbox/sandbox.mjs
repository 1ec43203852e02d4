#!/usr/bin/env node
// Runs a command in network and mount namespaces of its own, so that tests, demo and benchmarks never touch the
// host's network and leave nothing behind:
//
//   node tools/sandbox/sandbox.mjs -- vitest run
//
// As root, or without: an ordinary user gets a user namespace as well. Inside, /run is empty, /etc can be written to
// (an overlay that goes with the sandbox) and `lo` is up. Signals are passed in, the exit code is passed out, and
// whatever the command leaves running is ended.
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const SELF = fileURLToPath(import.meta.url);
const ROOT = path.resolve(path.dirname(SELF), '../..');
/** Set inside to the sandbox's id; every process started in it inherits it, which is how stragglers are found. */
const ID = 'NETNS_SANDBOX';
/** The namespaces outside, so that the inner half can prove that it is not in them. */
const OUTSIDE = 'NETNS_SANDBOX_OUTSIDE';
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'];

/** @returns {never} */
function fail(message) {
  process.stderr.write(`sandbox: ${message}\n`);
  process.exit(125);
}

const namespaces = () => `${readlinkSync('/proc/self/ns/net')} ${readlinkSync('/proc/self/ns/mnt')}`;

function readOr(file, fallback) {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return fallback;
  }
}

/** Why this machine refuses user namespaces, as far as it can be told from its settings. */
function explainRefusal(stderr) {
  const reasons = [];
  if (readOr('/proc/sys/kernel/unprivileged_userns_clone', '1') === '0')
    reasons.push(
      'kernel.unprivileged_userns_clone is 0: `sysctl kernel.unprivileged_userns_clone=1` as root allows them',
    );
  if (readOr('/proc/sys/user/max_user_namespaces', '1') === '0')
    reasons.push('user.max_user_namespaces is 0: `sysctl user.max_user_namespaces=10000` as root allows them');
  if (readOr('/proc/sys/kernel/apparmor_restrict_unprivileged_userns', '0') === '1')
    reasons.push(
      'AppArmor restricts them: `sysctl kernel.apparmor_restrict_unprivileged_userns=0` as root allows them',
    );
  if (reasons.length === 0) reasons.push('a container or a security module may forbid them');
  return [
    'this machine allows neither network namespaces (that takes root with CAP_SYS_ADMIN) nor user namespaces.',
    ...reasons.map((reason) => `  - ${reason}`),
    `  unshare said: ${stderr.trim() || 'nothing'}`,
    '  Allow one of the two, or run this as root.',
  ].join('\n');
}

/** The flags with which `unshare` works here: as root without a user namespace, otherwise with one. */
function unshareFlags() {
  const privileged = ['--net', '--mount', '--propagation', 'private'];
  const candidates = [['--user', '--map-root-user', ...privileged]];
  if (process.getuid() === 0) candidates.unshift(privileged);
  let stderr = '';
  for (const flags of candidates) {
    const probe = spawnSync('unshare', [...flags, 'true'], { encoding: 'utf8' });
    if (probe.error?.code === 'ENOENT') fail('the program `unshare` is missing: it comes with util-linux.');
    if (probe.status === 0) return flags;
    stderr = probe.stderr ?? '';
  }
  return fail(explainRefusal(stderr));
}

/** Runs a command with our stdio and signals, and resolves to how it ended. */
function run(command, args, env) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit', env });
    const forward = (signal) => child.kill(signal);
    for (const signal of FORWARDED) process.on(signal, forward);
    child.on('error', (error) => {
      process.stderr.write(`sandbox: cannot start ${command}: ${error.message}\n`);
      resolve({ code: error.code === 'ENOENT' ? 127 : 126, signal: null });
    });
    child.on('close', (code, signal) => {
      for (const name of FORWARDED) process.off(name, forward);
      resolve({ code, signal });
    });
  });
}

/** Ends as the command ended: with its code, or by its signal. */
function endAs({ code, signal }) {
  if (signal === null) process.exit(code ?? 1);
  process.kill(process.pid, signal);
  // A signal that does not end us (one that Node handles) still has to end in the shell's notation.
  setTimeout(() => process.exit(128 + (osConstants.signals[signal] ?? 0)), 100);
}

function mount(...args) {
  const result = spawnSync('mount', args, { encoding: 'utf8' });
  if (result.error) fail(`cannot run mount: ${result.error.message}`);
  return result.status === 0 ? undefined : result.stderr.trim();
}

/** Gives the sandbox a /run of its own and an /etc that can be written to. */
function prepareFiles() {
  const refused = mount('-t', 'tmpfs', '-o', 'mode=755', 'sandbox', '/run');
  if (refused) fail(`cannot mount an empty /run: ${refused}`);
  for (const directory of ['etc', 'work', 'lock', 'netns'])
    mkdirSync(`/run/${directory === 'netns' ? 'netns' : `.sandbox/${directory}`}`, { recursive: true });
  const overlay = mount(
    '-t',
    'overlay',
    '-o',
    'lowerdir=/etc,upperdir=/run/.sandbox/etc,workdir=/run/.sandbox/work',
    'sandbox',
    '/etc',
  );
  if (!overlay) return;
  // No overlay here: a copy does as well. What an ordinary user may not read, it does not need either.
  mkdirSync('/run/.sandbox/etc-copy', { recursive: true });
  spawnSync('cp', ['-a', '/etc/.', '/run/.sandbox/etc-copy/'], { stdio: 'ignore' });
  const bound = mount('--bind', '/run/.sandbox/etc-copy', '/etc');
  if (bound) fail(`cannot make /etc writable inside: overlay: ${overlay}; bind: ${bound}`);
}

/** Brings `lo` up where iproute2 is there; what runs inside can do without it (netlink-links brings it up, too). */
function loopbackUp() {
  for (const ip of ['/usr/sbin/ip', '/sbin/ip', '/usr/bin/ip', '/bin/ip']) {
    if (!existsSync(ip)) continue;
    spawnSync(ip, ['link', 'set', 'lo', 'up'], { stdio: 'ignore' });
    return;
  }
}

/** Ends what the command left running: processes in our mount namespace, and those that carry our id. */
function endStragglers(id) {
  const own = readlinkSync('/proc/self/ns/mnt');
  for (let round = 0; round < 20; round += 1) {
    let found = 0;
    for (const entry of readdirSync('/proc')) {
      const pid = Number(entry);
      if (!Number.isInteger(pid) || pid === process.pid) continue;
      let ours = false;
      try {
        ours =
          readlinkSync(`/proc/${pid}/ns/mnt`) === own ||
          readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`${ID}=${id}`);
        // A zombie is over: its parent, or init, will collect it.
        if (ours && /^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'))) ours = false;
      } catch {
        continue;
      }
      if (!ours) continue;
      found += 1;
      try {
        process.kill(pid, round === 0 ? 'SIGTERM' : 'SIGKILL');
      } catch {
        // It ended by itself in the meantime.
      }
    }
    if (found === 0) return;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, round === 0 ? 200 : 50);
  }
}

async function inner(command) {
  const [net, mnt] = (process.env[OUTSIDE] ?? '').split(' ');
  const [ownNet, ownMnt] = namespaces().split(' ');
  if (!net || !mnt || net === ownNet || mnt === ownMnt)
    fail('refusing to go on: this process is still in the namespaces it was started from.');
  prepareFiles();
  loopbackUp();
  const env = { ...process.env };
  delete env[OUTSIDE];
  const outcome = await run(command[0], command.slice(1), env);
  endStragglers(process.env[ID]);
  endAs(outcome);
}

async function outer(command) {
  if (process.platform !== 'linux') fail(`network namespaces are a feature of Linux; this is ${process.platform}.`);
  const env = { ...process.env };
  env.PATH = `${path.join(ROOT, 'node_modules/.bin')}${path.delimiter}${path.dirname(process.execPath)}${path.delimiter}${env.PATH ?? ''}`;
  // Sandboxes nest: what runs inside one needs no second one.
  if (env[ID]) return endAs(await run(command[0], command.slice(1), env));
  env[ID] = randomUUID();
  env[OUTSIDE] = namespaces();
  return endAs(await run('unshare', [...unshareFlags(), process.execPath, SELF, '--inner', '--', ...command], env));
}

const argv = process.argv.slice(2);
const insideHalf = argv[0] === '--inner';
const rest = insideHalf ? argv.slice(1) : argv;
const command = rest[0] === '--' ? rest.slice(1) : rest;
if (command.length === 0) fail('usage: sandbox.mjs -- command [argument …]');
try {
  accessSync('/proc/self/ns/net', constants.R_OK);
} catch {
  fail('/proc is not mounted, or this kernel has no network namespaces.');
}
await (insideHalf ? inner(command) : outer(command));
