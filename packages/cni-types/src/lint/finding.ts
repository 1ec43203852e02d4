import { CniError } from '../cni-error.js';
import type { DocumentValue } from '../document-value.js';

/** One thing that the linter has to say about a document. */
export interface Finding {
  /** Where in the document: `plugins[1].ipam.ranges[0][0].subnet`; `''` for the document as a whole. */
  readonly place: string;
  /** `'error'`: a runtime or a plugin will refuse it. `'warning'`: it works, and is probably not what was meant. */
  readonly severity: 'error' | 'warning';
  /** A sentence that begins with the place. */
  readonly message: string;
}

/** Collects findings: checks that fail do not keep the others from running. */
export class Findings {
  readonly list: Finding[] = [];

  /** Runs a check; the error that it throws becomes a finding. */
  check(check: () => unknown, severity: Finding['severity'] = 'error'): void {
    try {
      check();
    } catch (error) {
      if (!(error instanceof CniError)) throw error;
      this.#add({ place: error.place ?? '', severity, message: error.msg });
    }
  }

  /** Adds a warning about a value. */
  warn(value: DocumentValue, problem: string): void {
    this.check(() => value.fail(problem), 'warning');
  }

  #add(finding: Finding): void {
    const isKnown = this.list.some(({ place, message }) => place === finding.place && message === finding.message);
    if (!isKnown) this.list.push(finding);
  }
}
