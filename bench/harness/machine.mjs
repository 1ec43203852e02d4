// The machine that figures were taken on, and the versions.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';

/** @param {string} program @param {readonly string[]} args */
function firstLine(program, ...args) {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      .split('\n')[0]
      ?.trim();
  } catch {
    return undefined;
  }
}

/** Debian's version of a package, undefined where it is not installed. @param {string} name */
const packageVersion = (name) => firstLine('dpkg-query', '--show', name)?.split('\t')[1];

function undiciVersion() {
  const manifest = new URL('../node_modules/undici/package.json', import.meta.url);
  return JSON.parse(readFileSync(manifest, 'utf8')).version;
}

/** What stands beside the figures of a run. */
export function machine() {
  const versions = {
    'Node.js': process.version,
    undici: undiciVersion(),
    Linux: os.release(),
    iproute2: packageVersion('iproute2'),
    Go: firstLine('go', 'version')?.replace('go version ', ''),
    'vishvananda/netlink': packageVersion('golang-github-vishvananda-netlink-dev'),
    pyroute2: packageVersion('python3-pyroute2'),
    gcc: packageVersion('gcc'),
    wrk: packageVersion('wrk'),
    dnsmasq: packageVersion('dnsmasq-base'),
  };
  return {
    processor: os.cpus()[0]?.model.trim() ?? 'unknown',
    processors: os.availableParallelism(),
    memory: `${Math.round(os.totalmem() / 2 ** 30)} GB`,
    versions: Object.fromEntries(Object.entries(versions).filter(([, version]) => version !== undefined)),
  };
}
