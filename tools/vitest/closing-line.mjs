// The closing line of a run, in the form that continuous integration reads.
export default class ClosingLine {
  onInit({ projects }) {
    if (projects.every(({ config }) => config.exclude.includes('**/*.root.test.ts')))
      console.log('left out, since they need the root of the machine: files named *.root.test.ts');
  }

  onTestRunEnd(modules, unhandledErrors) {
    const unsteady = [];
    const missing = [];
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      const file = module.relativeModuleId ?? module.moduleId;
      // Errors of a module, and of the hooks of a suite, belong to no test.
      const outside = [module, ...module.children.allSuites()].filter((entity) => entity.errors().length > 0);
      counts.failed += outside.length;
      for (const entity of outside) missing.push(line('failed', `${file} > ${entity.fullName ?? ''}`, entity.errors()));
      for (const test of module.children.allTests()) {
        const { state, errors = [] } = test.result();
        if (test.diagnostic()?.flaky) unsteady.push(`${file} > ${test.fullName}`, ...errors.map(reason));
        if (state === 'passed') counts.passed += 1;
        else if (state === 'failed') counts.failed += 1;
        else counts.skipped += 1;
        if (state !== 'passed') missing.push(line(state, `${file} > ${test.fullName}`, errors));
      }
    }
    for (const error of unhandledErrors) missing.push(line('failed', 'outside of any test', [error]));
    process.on('exit', () => {
      if (unsteady.length > 0) console.log(['passed only when tried again:', ...unsteady].join('\n'));
      for (const each of missing) console.log(each);
      console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
    });
  }
}

/** One line about what did not pass, which a reader finds at the end of the run. */
function line(state, name, errors) {
  const [message = ''] = (errors[0]?.message ?? '').split('\n');
  return `${state}: ${name}${message === '' ? '' : `: ${message.slice(0, 200)}`}`;
}

/** Why a test failed before it passed: chance may not bring it up again for days. */
function reason({ stack, message = '' }) {
  const lines = (stack ?? message).split('\n').map((line) => line.slice(0, 500));
  return ['', ...lines.slice(0, 30)].join('\n    ');
}
