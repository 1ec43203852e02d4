// iproute2, for the namespaces that benchmarks run in.
import { execFileSync } from 'node:child_process';

/** Runs `ip` with a line of arguments. @param {string} line */
export function ip(line) {
  execFileSync('ip', line.split(' '), { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Runs many lines of `ip -batch`. @param {readonly string[]} lines */
export function ipBatch(lines) {
  execFileSync('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n`, stdio: ['pipe', 'ignore', 'inherit'] });
}

/**
 * Makes a namespace with `lo` up and an address on it, in which a client never runs out of ports: those of connections
 * that were closed wait for a minute, and to find a free one would be what is measured.
 *
 * @param {string} name
 * @param {string} [address]
 */
export function addNamespace(name, address) {
  ip(`netns add ${name}`);
  ip(`-n ${name} link set lo up`);
  if (address !== undefined) ip(`-n ${name} addr add ${address}/32 dev lo`);
  ip(`netns exec ${name} sysctl -qw net.ipv4.tcp_tw_reuse=1`);
  execFileSync('ip', ['netns', 'exec', name, 'sysctl', '-qw', 'net.ipv4.ip_local_port_range=1024 65535']);
}
