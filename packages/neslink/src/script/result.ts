import { type Output, parseOutput } from './output.js';

/** How a {@link Process} ended. */
export interface ResultFields {
  stdout: string;
  stderr: string;
  exitCode: number;
  signal: NodeJS.Signals | null;
  totalTime: number;
  timedOut: boolean;
  truncated: boolean;
}

/** What a finished process has left: its output, its exit code, the time it took. */
export class Result {
  /** All that it wrote to its standard output, as UTF-8; empty with `capture: false`. */
  readonly stdout: string;
  /** All that it wrote to its standard error. */
  readonly stderr: string;
  /** Its exit code; -1 if a signal ended it, as in Go. */
  readonly exitCode: number;
  /** The signal that ended it, if one did. */
  readonly signal: NodeJS.Signals | null;
  /** Milliseconds from its start to its end. */
  readonly totalTime: number;
  /** Whether it was killed because its `timeout` had passed. */
  readonly timedOut: boolean;
  /** Whether it was killed because it wrote more than `maxBuffer` bytes; what it wrote up to there is here. */
  readonly truncated: boolean;

  constructor(fields: ResultFields) {
    this.stdout = fields.stdout;
    this.stderr = fields.stderr;
    this.exitCode = fields.exitCode;
    this.signal = fields.signal;
    this.totalTime = fields.totalTime;
    this.timedOut = fields.timedOut;
    this.truncated = fields.truncated;
  }

  /** The values that `::set-output` lines on standard output have set. See {@link parseOutput}. */
  output(): Output {
    return parseOutput(this.stdout);
  }

  /** The same of both streams: standard output first, then standard error, whose values therefore win. */
  combinedOutput(): Output {
    return parseOutput(`${this.stdout}\n${this.stderr}`);
  }
}
