/** What the commands end with. */
export const EXIT_CODE = {
  failure: 1,
  usage: 2,
  /** `vrf check`, of monitoring plugins: what could not be checked. */
  unknown: 3,
  /** As curl's --fail has it. */
  httpError: 22,
  /** As shells and env(1) have them. */
  notExecutable: 126,
  notFound: 127,
  signalBase: 128,
} as const;

interface ExitCodeMeaning {
  readonly code: string;
  /** Of all commands but `vrf check`. */
  readonly commands?: string;
  readonly check?: string;
}

/** The table of exit codes in the help, in the README and on the page of vrf-cli, which a test compares. */
export const EXIT_CODES: readonly ExitCodeMeaning[] = [
  { code: '0', commands: 'success', check: 'ok' },
  { code: '1', commands: 'failure: the VRF does not exist, no connection, no reply', check: 'warning' },
  { code: '2', commands: 'invalid arguments', check: 'critical' },
  { code: '3', check: 'unknown: invalid arguments or file, or no VRF matches' },
  { code: '22', commands: 'fetch --fail: a status of 400 or more' },
  { code: '126, 127', commands: 'exec: the program cannot be started, does not exist' },
  { code: '128 + n', commands: "exec: signal n ended the program; otherwise the program's own" },
];

const CODE_WIDTH = 10;

/** The exit codes as help prints them. */
export function exitCodesText(kind: 'commands' | 'check'): string {
  const lines = EXIT_CODES.flatMap(({ code, [kind]: meaning }) =>
    meaning ? [`  ${code.padEnd(CODE_WIDTH)}${meaning}`] : [],
  );
  return `\nExit codes:\n${lines.join('\n')}\n`;
}
