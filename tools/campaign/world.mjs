import { execFile, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { IPV4, IPV6, ownAddress } from './addresses.mjs';
import { now } from './clock.mjs';

const SERVER = fileURLToPath(new URL('./server.mjs', import.meta.url));
const execute = promisify(execFile);

/** After how long a program of the system is said to hang. */
const HANGS_MS = 30_000;

/** Runs one of the programs that change namespaces, mounts and addresses; rejects with what it said. */
export async function run(program, ...args) {
  try {
    return (await execute(program, args, { encoding: 'utf8', timeout: HANGS_MS, killSignal: 'SIGKILL' })).stdout;
  } catch (error) {
    if (error.killed)
      throw new Error(
        `${program} ${args.join(' ')} hangs: another process may hold the lock of /run/netns (see /proc/locks)`,
      );
    throw new Error(`${program} ${args.join(' ')}: ${error.stderr?.trim() || error.message}`, { cause: error });
  }
}

/** Runs `ip` once for many commands. */
function ipBatch(namespace, lines) {
  return new Promise((resolve, reject) => {
    const child = spawn('ip', [...(namespace === undefined ? [] : ['-n', namespace]), '-batch', '-'], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (data) => {
      said += data;
    });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`ip -batch: ${said}`))));
    child.stdin.end(`${lines.join('\n')}\n`);
  });
}

/** The certificate of one namespace, whose subject is its id. */
async function certificate(id) {
  const made = await run(
    ...['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-subj', `/CN=${id}`, '-days', '30', '-keyout', '-', '-out', '-'],
  );
  const cert = made.slice(made.indexOf('-----BEGIN CERTIFICATE-----'));
  return { key: made.slice(0, made.length - cert.length), cert };
}

/**
 * A network namespace with servers that tell who they are. It outlives its names: clients that still ask it after they
 * have gone to another one get an answer, and that answer is wrong.
 */
export class World {
  /** When the servers began to answer; Infinity until then. */
  readyAt = Infinity;
  /** When the last name that meant it ceased to, in ms; Infinity while a name means it. Kept by the names. */
  connections = 0;
  datagrams = 0;
  queries = 0;
  retired = false;
  #child;
  #probes = new Map();

  /**
   * @param number told by its name server
   * @param file the file of the namespace, `undefined` for home
   * @param onReport is given what the servers report
   */
  constructor(number, namespace, onReport) {
    this.number = number;
    this.id = number === 0 ? 'HOME' : `w${number}`;
    this.namespace = namespace;
    this.onReport = onReport;
  }

  /** The process of the servers, which keeps the namespace alive. */
  get pid() {
    return this.#child?.pid;
  }

  /** Addresses first, then servers. */
  async start() {
    const { namespace, number, id } = this;
    this.ino = statSync(namespace === undefined ? '/proc/self/ns/net' : `/run/netns/${namespace}`).ino;
    const [made] = await Promise.all([
      certificate(id),
      ipBatch(namespace, [
        ...(namespace === undefined ? [] : [`link set lo alias ${id}`]),
        `link set lo up`,
        `addr add ${IPV4}/24 dev lo`,
        `addr add ${IPV6}/64 dev lo nodad`,
        ...(namespace === undefined ? [] : [0, 1, 2].map((d) => `addr add ${ownAddress(number, d)}/128 dev lo nodad`)),
      ]),
    ]);
    const command = [process.execPath, SERVER];
    const [program, ...args] =
      namespace === undefined ? command : ['nsenter', `--net=/run/netns/${namespace}`, '--', ...command];
    const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child = child;
    await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        if (!this.retired) reject(new Error(`the servers of ${id} ended: ${code ?? signal}`));
      });
      child.on('message', (message) => {
        if (message.ready) resolve();
        else if (message.failed) reject(new Error(`the servers of ${id}: ${message.failed}`));
        else this.#report(message);
      });
      child.send({ world: number, id, ...made });
    });
    this.readyAt = now();
  }

  #report(message) {
    if (message.probe !== undefined) {
      this.#probes.get(message.probe)?.(message);
      this.#probes.delete(message.probe);
      return;
    }
    this.connections += (message.accepted?.length ?? 0) / 3;
    this.datagrams += message.datagrams ?? 0;
    this.queries += message.queries ?? 0;
    this.onReport(this, message);
  }

  /** Has the servers' process ask the listener on a port of its namespace who it is. */
  probe(number, port, timeout = 3000) {
    if (this.retired || !this.#child?.connected) return Promise.resolve({ error: 'retired', start: now(), end: now() });
    return new Promise((resolve) => {
      this.#probes.set(number, resolve);
      this.#child.send({ probe: number, port, timeout });
    });
  }

  /** Ends the servers, and with them the namespace, once no name is left. */
  async stop() {
    this.retired = true;
    for (const resolve of this.#probes.values()) resolve({ error: 'retired', start: now(), end: now() });
    this.#probes.clear();
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }
}
