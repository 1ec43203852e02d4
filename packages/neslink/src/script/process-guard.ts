import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Writable } from 'node:stream';

/** How long the watcher goes on after the last process that it watches over. */
const LINGER_MS = 1000;

/**
 * A shell that ends what is left once its standard input ends. The kernel closes the other end when this process is
 * gone, whatever ended it: SIGKILL, a crash, Ctrl-C, `process.exit`, a worker thread's `terminate()`. A group whose
 * leader has ended is left alone if its number belongs to a process again, for that is another one's.
 *
 * Why not the kernel's parent-death signal (`setpriv --pdeathsig`): it reaches the interpreter alone and not what that
 * has started, is lost where a program has file capabilities, and needs a program between that changes how a failed
 * start is reported. `prctl` in the child is out of Node's reach.
 */
const WATCHER = `
trap '' HUP INT QUIT TERM
live=' ' left=' '
while read -r state id; do
  case $live in *" $id "*) live="\${live%%" $id "*} \${live#*" $id "}" ;; esac
  case $left in *" $id "*) left="\${left%%" $id "*} \${left#*" $id "}" ;; esac
  case $state in
    live) live="$live$id " ;;
    left) left="$left$id " ;;
  esac
done
for id in $live; do kill -s KILL -- "$id"; done
for id in $left; do [ -e "/proc/\${id#-}" ] || kill -s KILL -- "$id"; done
`;

/** What is known of a process: it runs; or it has ended and its group has not. */
type State = 'live' | 'left';

/** A process under guard. */
interface Guarded {
  readonly pid: number;
  /** Whether it leads a process group of its own. */
  readonly group: boolean;
}

// One watcher serves all processes of this thread, so what it watches over is a matter of the module.
const guarded = new Map<Guarded, State>();
let watcher: ChildProcess | undefined;
let linger: NodeJS.Timeout | undefined;
/** Without a shell, processes are ended only when this process exits by itself. */
let unavailable = false;

/** As kill(2) takes it: a negative number is a group. */
const targetOf = ({ pid, group }: Guarded): number => (group ? -pid : pid);

/** Starts the watcher, so that a process that is started next is under guard at once. */
export function prepareGuard(): void {
  clearTimeout(linger);
  linger = undefined;
  if (watcher === undefined && !unavailable) startWatcher();
  if (guarded.size === 0) armLinger();
}

/**
 * Sees to it that a child does not outlive this process.
 *
 * @param group whether it leads a process group of its own, which is ended as a whole
 */
export function guardChild(child: ChildProcess, group: boolean): void {
  const { pid, exitCode, signalCode } = child;
  // It could not be started.
  if (pid === undefined) return;
  const guarded: Guarded = { pid, group };
  guard(guarded);
  if (exitCode !== null || signalCode !== null) release(guarded);
  else child.once('exit', () => release(guarded));
}

function guard(process: Guarded): void {
  prepareGuard();
  if (guarded.size === 0) onExit('on');
  guarded.set(process, 'live');
  tell('live', process);
}

/** The process has ended: what it has left running stays under guard. */
function release(process: Guarded): void {
  if (!guarded.has(process)) return;
  if (process.group && isAlive(-process.pid)) {
    guarded.set(process, 'left');
    tell('left', process);
  } else forget(process);
  armLinger();
}

function forget(process: Guarded): void {
  if (!guarded.delete(process)) return;
  tell('ended', process);
  if (guarded.size === 0) onExit('off');
}

/** The watcher ends a moment after the last process, unless another is started until then. */
function armLinger(): void {
  if (linger !== undefined || [...guarded.values()].includes('live')) return;
  linger = setTimeout(sweep, LINGER_MS).unref();
}

function sweep(): void {
  linger = undefined;
  for (const [process, state] of guarded) if (state === 'left' && !isAlive(-process.pid)) forget(process);
  if (guarded.size > 0) armLinger();
  else stopWatcher();
}

function startWatcher(): void {
  const child = spawn('/bin/sh', ['-c', WATCHER, 'neslink-watcher'], {
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    env: {},
    detached: true,
  });
  child.once('error', ({ code }: NodeJS.ErrnoException) => {
    unavailable = code === 'ENOENT' || code === 'EACCES';
    if (watcher === child) watcher = undefined;
  });
  child.once('exit', (_code, signal) => {
    if (watcher !== child) return;
    watcher = undefined;
    // It was killed: another one takes its place. One that ended by itself would do so again.
    if (signal !== null && guarded.size > 0) startWatcher();
  });
  child.unref();
  // Without a descriptor left there is no pipe.
  const stdin: (Writable & { unref?(): void }) | undefined = child.stdin;
  // It breaks when the watcher was killed, which is reported as its exit.
  stdin?.on('error', () => undefined);
  stdin?.unref?.();
  watcher = child;
  for (const [process, state] of guarded) tell(state, process);
}

function stopWatcher(): void {
  watcher?.stdin?.end();
  watcher = undefined;
}

function tell(state: State | 'ended', process: Guarded): void {
  watcher?.stdin?.write(`${state} ${targetOf(process)}\n`);
}

function onExit(action: 'on' | 'off'): void {
  process[action]('exit', endAll);
}

function endAll(): void {
  for (const [process, state] of guarded) if (state === 'live' || !existsSync(`/proc/${process.pid}`)) end(process);
}

function end(target: Guarded): void {
  try {
    process.kill(targetOf(target), 'SIGKILL');
  } catch {
    // It has just ended, or belongs to another user now.
  }
}

function isAlive(target: number): boolean {
  try {
    process.kill(target, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
