// The closing line of a run, in the form that continuous integration reads.
export default class ClosingLine {
  onInit({ projects }) {
    if (projects.every(({ config }) => config.exclude.includes('**/*.root.test.ts')))
      console.log('left out, since they need the root of the machine: files named *.root.test.ts');
  }

  onTestRunEnd(modules, unhandledErrors) {
    const unsteady = [];
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      if (module.errors().length > 0) counts.failed += 1;
      // A hook that failed is nobody's test.
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) counts.failed += 1;
      for (const test of module.children.allTests()) {
        const { state, errors = [] } = test.result();
        if (test.diagnostic()?.flaky)
          unsteady.push(`${module.relativeModuleId ?? module.moduleId} > ${test.fullName}`, ...errors.map(reason));
        if (state === 'passed') counts.passed += 1;
        else if (state === 'failed') counts.failed += 1;
        else counts.skipped += 1;
      }
    }
    process.on('exit', () => {
      if (unsteady.length > 0) console.log(['passed only when tried again:', ...unsteady].join('\n'));
      console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
    });
  }
}

/** Why a test failed before it passed: chance may not bring it up again for days. */
function reason({ stack, message = '' }) {
  const lines = (stack ?? message).split('\n').map((line) => line.slice(0, 500));
  return ['', ...lines.slice(0, 30)].join('\n    ');
}
