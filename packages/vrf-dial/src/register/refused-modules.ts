import childProcess, { ChildProcess } from 'node:child_process';
import dgram from 'node:dgram';
import { isMoving } from 'netns-core/checks';
import { PLACED } from '../socket/placed.js';
import type { Refusal } from './refusal.js';

/** Refuses UDP of `node:dgram`, but for sockets that vrf-dial makes. */
export function refuseDatagrams(refusal: Refusal): void {
  const refused = (what: string): Error =>
    refusal.error(
      what,
      'its datagrams would be sent',
      `Use createUdpSocket({ ${refusal.options}, type: 'udp4', bind: { port: 0 } }) of vrf-dial`,
    );
  const isPlaced = (options: unknown): boolean =>
    typeof options === 'object' && options !== null && (options as { [PLACED]?: unknown })[PLACED] === true;
  const { createSocket, Socket } = dgram;
  Object.assign(dgram, {
    createSocket(options: dgram.SocketOptions, listener?: () => void): dgram.Socket {
      if (!isPlaced(options)) throw refused('dgram.createSocket');
      return createSocket(options, listener);
    },
    Socket: new Proxy(Socket, {
      construct: (own, args, newTarget) => {
        if (!isPlaced(args[0])) throw refused('new dgram.Socket');
        return Reflect.construct(own, args, newTarget) as object;
      },
    }),
  });
}

/** Refuses child processes, but for those that are started in a namespace by `spawnInNamespace` or in a hop. */
export function refuseChildProcesses(refusal: Refusal): void {
  const effect = 'it would start a process';
  const instead = `Use spawnInNamespace of netns-core, or start this program by \`ip netns exec\` instead, which holds for its children as well`;
  for (const name of ['exec', 'execFile', 'execFileSync', 'execSync', 'fork', 'spawn', 'spawnSync'] as const)
    Object.assign(childProcess, {
      [name]: refusal.unlessInHop(childProcess[name], `child_process.${name}`, effect, instead),
    });
  // What `cluster` and others have taken from the module before.
  const prototype = ChildProcess.prototype as unknown as { spawn(this: ChildProcess, ...args: unknown[]): unknown };
  const { spawn } = prototype;
  prototype.spawn = function (...args) {
    if (!isMoving()) throw refusal.error('starting a child process', effect, instead);
    return spawn.apply(this, args);
  };
}

/** Parts of Node that make sockets and processes, and that `process.binding` gives to old programs. */
const BINDINGS: ReadonlySet<string> = new Set([
  ...['tcp_wrap', 'udp_wrap', 'cares_wrap', 'process_wrap', 'spawn_sync'],
]);

/** Refuses the way past all of this that Node has kept for old programs. */
export function refuseBindings(refusal: Refusal): void {
  const holder = process as typeof process & { binding?: (name: string) => unknown };
  const own = holder.binding;
  if (own === undefined) return;
  holder.binding = (name) => {
    if (BINDINGS.has(name))
      throw refusal.error(`process.binding('${name}')`, 'what is made by it would be', 'Use node:net instead');
    return own.call(process, name);
  };
}

/** Leaves the network out of diagnostic reports: Node asks the name servers of home for the names of all peers. */
export function leaveNetworkOutOfReports(): void {
  // Not in the types of Node 20.
  Object.assign(process.report ?? {}, { excludeNetwork: true });
}
