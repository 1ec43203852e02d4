import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What the kernel says at the very end whatever its log level; the tests' closing line is to be the last. */
const FAREWELL = /\[ *\d+\.\d+\] (?:sysrq: Power Off|reboot: Power down)/;

/** Programs inside write to a terminal: its line ends, and what hides and shows its cursor. */
function withoutTerminal(text) {
  return text.replaceAll('\r\n', '\n').replaceAll('\u001b[?25l', '').replaceAll('\u001b[?25h', '');
}

/**
 * Boots a kernel in QEMU and waits until it has switched itself off.
 *
 * Software emulation unless asked otherwise: many machines that run tests are virtual ones themselves, and have a
 * /dev/kvm that can be opened and does not work.
 *
 * @param options.onOutput gets what the machine prints, line by line
 * @param options.reportFile what the machine writes to its second serial port
 * @returns the exit code that the machine reported, or why there is none
 */
export function boot({
  qemu,
  kernel,
  initramfs,
  share,
  memory,
  cpus,
  accelerator,
  timeout,
  reportFile,
  onOutput,
  signal,
}) {
  const args = [
    ['-machine', 'q35', '-cpu', 'max', '-accel', accelerator, '-smp', String(cpus), '-m', String(memory)],
    ['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-nic', 'none'],
    ['-kernel', kernel, '-initrd', initramfs],
    ['-append', 'console=ttyS0 quiet loglevel=1 panic=-1 random.trust_cpu=on mitigations=off'],
    ['-virtfs', `local,path=${share},mount_tag=host0,security_model=none,readonly=on,multidevs=remap`],
    ['-serial', 'stdio', '-serial', `file:${reportFile}`],
  ].flat();
  return new Promise((resolve) => {
    const child = spawn(qemu, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let complaint = '';
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeout);
    const stop = () => child.kill('SIGKILL');
    signal.addEventListener('abort', stop);
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      const lines = withoutTerminal(rest + text).split(/(?<=\n)/);
      rest = lines.at(-1)?.endsWith('\n') ? '' : (lines.pop() ?? '');
      for (const line of lines) if (!FAREWELL.test(line)) onOutput(line);
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      complaint += text;
    });
    child.on('error', (error) => {
      complaint += error.message;
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      if (rest !== '') onOutput(`${rest}\n`);
      signal.removeEventListener('abort', stop);
      let report = '';
      try {
        report = readFileSync(reportFile, 'utf8');
      } catch {
        // It did not get as far as opening it.
      }
      const exit = /^exit (\d+)\s*$/m.exec(report);
      if (exit) resolve({ code: Number(exit[1]) });
      else if (timedOut) resolve({ reason: `it was stopped after ${Math.round(timeout / 1000)} s` });
      else if (signal.aborted) resolve({ reason: 'it was interrupted' });
      else resolve({ reason: `it ended (qemu: ${code}) without saying how the tests went. ${complaint.trim()}` });
    });
  });
}
