// Programs and libraries of others. One that is not installed is named with the command that installs it, and its rows
// are marked.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const GO_SOURCES = '/usr/share/gocode/src/github.com/vishvananda';

/** @param {string} program */
const isProgram = (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/**
 * How the peers are had: whether they are there, and Debian's packages.
 *
 * @satisfies {Record<string, { there: () => boolean, packages: string }>}
 */
const PEERS = {
  go: {
    there: () => isProgram('go') && existsSync(`${GO_SOURCES}/netlink`) && existsSync(`${GO_SOURCES}/netns`),
    packages: 'golang-go golang-github-vishvananda-netlink-dev golang-github-vishvananda-netns-dev',
  },
  gcc: { there: () => isProgram('gcc') && existsSync('/usr/include/stdio.h'), packages: 'gcc libc6-dev' },
  pyroute2: {
    there: () => spawnSync('/usr/bin/python3', ['-c', 'import pyroute2']).status === 0,
    packages: 'python3-pyroute2',
  },
  wrk: { there: () => isProgram('wrk'), packages: 'wrk' },
  dnsmasq: { there: () => isProgram('dnsmasq'), packages: 'dnsmasq-base' },
  wg: { there: () => isProgram('wg'), packages: 'wireguard-tools' },
  cni: { there: () => existsSync('/usr/lib/cni/bridge'), packages: 'containernetworking-plugins' },
  gnuplot: { there: () => isProgram('gnuplot'), packages: 'gnuplot-nox' },
};

/**
 * What is said of a peer that is not installed, undefined if it is.
 *
 * @param {keyof typeof PEERS} name
 */
export function missing(name) {
  const { there, packages } = PEERS[name];
  return there() ? undefined : `\`apt-get install ${packages}\``;
}

const folder = () => mkdtempSync(path.join(tmpdir(), 'bench-peer-'));

/**
 * Builds a Go program with Debian's packages of Go's libraries.
 *
 * @param {URL} source
 * @returns {string} its path
 */
export function buildGo(source) {
  const binary = path.join(folder(), 'program');
  execFileSync('go', ['build', '-o', binary, source.pathname], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      GO111MODULE: 'off',
      GOPATH: '/usr/share/gocode',
      GOCACHE: path.join(tmpdir(), 'bench-go-cache'),
      GOFLAGS: '',
    },
  });
  return binary;
}

/**
 * Builds a program in C.
 *
 * @param {URL} source
 * @returns {string} its path
 */
export function buildC(source) {
  const binary = path.join(folder(), 'program');
  execFileSync('gcc', ['-O2', '-o', binary, source.pathname]);
  return binary;
}

/**
 * What a program prints.
 *
 * @param {string} program
 * @param {readonly (string | number)[]} args
 */
export const output = (program, ...args) =>
  execFileSync(program, args.map(String), {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
