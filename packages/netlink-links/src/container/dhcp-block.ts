import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { NetnsError } from 'netns-core';

/** Which program keeps DHCP from a link, and what it found, so that it leaves nothing behind. */
export interface DhcpBlock {
  readonly program: 'ebtables' | 'nft';
  /** The port of a bridge, towards which DHCP is dropped. */
  readonly linkName: string;
  /** ebtables: how many of the rules stand. */
  rules: number;
  /** ebtables on nf_tables: the chains of its table before the first rule; `null` without the table. */
  readonly chainsBefore?: readonly string[] | null;
  /** nft: our table. */
  readonly table?: string;
}

/**
 * The two ways that DHCP can take to a port of the bridge: answers that begin at the bridge itself, and requests that
 * come in by another port, the virtual machine's. DHCP of IPv4 has port 67, that of IPv6 547.
 */
const WAYS = [
  { chain: 'OUTPUT', hook: 'output', side: 'source', field: 'sport' },
  { chain: 'FORWARD', hook: 'forward', side: 'destination', field: 'dport' },
] as const;
const FAMILIES = [
  { ebtables: 'IPv4', option: 'ip', etherType: 'ip', port: 67 },
  { ebtables: 'IPv6', option: 'ip6', etherType: 'ip6', port: 547 },
] as const;

const RULES: readonly (readonly [chain: string, match: readonly string[]])[] = WAYS.flatMap(({ chain, side }) =>
  FAMILIES.map(
    ({ ebtables, option, port }) =>
      [chain, ['-p', ebtables, `--${option}-protocol`, 'UDP', `--${option}-${side}-port`, String(port)]] as const,
  ),
);

/** Runs a program in the caller's namespace: a process inherits that of the thread that starts it. */
function run(program: string, args: readonly string[]): SpawnSyncReturns<string> {
  const given = process.env.PATH ?? '';
  // An ordinary user's PATH often lacks the directories that these programs are in.
  const PATH = given.includes('/sbin') ? given : `${given}:/usr/sbin:/sbin`;
  return spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    // The caller's thread waits for it, in a namespace that is not its own.
    timeout: 15_000,
    killSignal: 'SIGKILL',
    env: { ...process.env, PATH, LC_ALL: 'C' },
  });
}

const isMissing = (outcome: SpawnSyncReturns<string>): boolean =>
  (outcome.error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';

function check(outcome: SpawnSyncReturns<string>, program: string, what: string): void {
  if (outcome.error === undefined && outcome.status === 0) return;
  const reason =
    outcome.error?.message ?? (outcome.stderr.trim() || `it ended with ${outcome.signal ?? outcome.status}`);
  throw new NetnsError(`${program} cannot ${what}: ${reason}`, { code: 'ERR_DHCP_BLOCK', cause: outcome.error });
}

/** The chains of ebtables' table in nf_tables; `null` without the table, `undefined` if there is no `nft` to ask. */
function ebtablesChains(): readonly string[] | null | undefined {
  const listed = run('nft', ['-j', 'list', 'tables']);
  if (listed.status !== 0) return undefined;
  const tables = JSON.parse(listed.stdout) as { nftables: { table?: { family: string; name: string } }[] };
  if (!tables.nftables.some(({ table }) => table?.family === 'bridge' && table.name === 'filter')) return null;
  const table = run('nft', ['-j', 'list', 'table', 'bridge', 'filter']);
  if (table.status !== 0) return undefined;
  const content = JSON.parse(table.stdout) as { nftables: { chain?: { name: string } }[] };
  return content.nftables.flatMap(({ chain }) => (chain === undefined ? [] : [chain.name]));
}

/** Removes what ebtables has added beside the rules: chains and a table, if they are empty and were not there. */
function removeLeftovers(before: readonly string[] | null): void {
  // A chain with rules of others stays: nft refuses to delete it.
  for (const { chain } of WAYS)
    if (before === null || !before.includes(chain)) run('nft', ['delete', 'chain', 'bridge', 'filter', chain]);
  if (before === null && ebtablesChains()?.length === 0) run('nft', ['delete', 'table', 'bridge', 'filter']);
}

function nftRules(table: string, linkName: string): string {
  const match = (left: object, right: string | number): object => ({ match: { op: '==', left, right } });
  const commands: object[] = [{ table: { family: 'bridge', name: table } }];
  for (const { chain, hook, field } of WAYS) {
    commands.push({
      chain: { family: 'bridge', table, name: chain, type: 'filter', hook, prio: -200, policy: 'accept' },
    });
    for (const { etherType, port } of FAMILIES)
      commands.push({
        rule: {
          family: 'bridge',
          table,
          chain,
          expr: [
            match({ meta: { key: 'oifname' } }, linkName),
            match({ payload: { protocol: 'ether', field: 'type' } }, etherType),
            match({ payload: { protocol: 'udp', field } }, port),
            { drop: null },
          ],
        },
      });
  }
  // As JSON a link's name can be anything that the kernel allows. `create` fails if the table is there.
  const [first, ...others] = commands;
  // (It goes as an argument: nft opens /dev/stdin by name, which a socket, Node's idea of a pipe, does not allow.)
  return JSON.stringify({ nftables: [{ create: first }, ...others.map((add) => ({ add }))] });
}

/**
 * Drops DHCP, of IPv4 and IPv6, towards a port of a bridge in the caller's namespace, by ebtables if it is there, by
 * nft otherwise.
 *
 * @param begun is given what was done as soon as anything was, so that it can be undone when the rest fails
 * @throws NetnsError `ERR_NO_FIREWALL_PROGRAM` without either program, `ERR_DHCP_BLOCK` if the one there fails
 */
export function blockDhcp(linkName: string, ifindex: number, begun: (block: DhcpBlock) => void): void {
  const probe = run('ebtables', ['--version']);
  if (!isMissing(probe)) {
    const chainsBefore = probe.stdout.includes('nf_tables') ? ebtablesChains() : undefined;
    const block: DhcpBlock = {
      program: 'ebtables',
      linkName,
      rules: 0,
      ...(chainsBefore === undefined ? {} : { chainsBefore }),
    };
    begun(block);
    for (const [chain, match] of RULES) {
      const added = run('ebtables', ['-A', chain, ...match, '--out-if', linkName, '-j', 'DROP']);
      check(added, 'ebtables', `drop DHCP towards ${linkName}`);
      block.rules += 1;
    }
    return;
  }
  const table = `netlink_links_dhcp_${ifindex}`;
  const added = run('nft', ['-j', nftRules(table, linkName)]);
  if (isMissing(added))
    throw new NetnsError(
      `cannot drop DHCP towards ${linkName}: neither ebtables nor nft is installed. Install one of them (packages ebtables, nftables)`,
      { code: 'ERR_NO_FIREWALL_PROGRAM' },
    );
  check(added, 'nft', `drop DHCP towards ${linkName}`);
  begun({ program: 'nft', linkName, rules: 0, table });
}

/** Takes the rules back. Rules that are not there any more do not matter. */
export function unblockDhcp(block: DhcpBlock): void {
  const { program, linkName, table, chainsBefore } = block;
  if (program === 'nft') {
    const deleted = run('nft', ['delete', 'table', 'bridge', table ?? '']);
    if (!/No such file or directory/.test(deleted.stderr ?? '')) check(deleted, 'nft', `let DHCP to ${linkName} again`);
    return;
  }
  for (const [chain, match] of RULES.slice(0, block.rules).reverse()) {
    const removed = run('ebtables', ['-D', chain, ...match, '--out-if', linkName, '-j', 'DROP']);
    if (!/rule does not exist|does a matching rule exist/.test(removed.stderr ?? ''))
      check(removed, 'ebtables', `let DHCP to ${linkName} again`);
    block.rules -= 1;
  }
  if (chainsBefore !== undefined) removeLeftovers(chainsBefore);
}
