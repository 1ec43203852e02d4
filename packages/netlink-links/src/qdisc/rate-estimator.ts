import { checkProperties, checkQuantity, mustBe, propertiesOf } from '../message/checks.js';
import type { MessageWriter } from '../message/message-writer.js';
import { TC_ESTIMATOR_SIZE, TCA_RATE } from '../uapi/pkt-sched.js';

/** How the kernel is to measure the rate of a queueing discipline: `estimator` of tc(8). The kernel does not tell it. */
export interface QdiscRateEstimator {
  /** Seconds between two measurements: 0.25, 0.5, 1, 2, 4 or 8. */
  readonly interval: number;
  /** Seconds over which the rate is averaged; more than the interval. */
  readonly timeConstant: number;
}

/** In the order of the kernel's numbers for them, which begin with -2. */
const INTERVALS = [0.25, 0.5, 1, 2, 4, 8] as const;
const FIRST_INTERVAL = -2;
/** The kernel takes no higher logarithm. */
const MAX_EWMA_LOG = 30;

const PROPERTIES = propertiesOf<QdiscRateEstimator>({ interval: 'set', timeConstant: 'set' });

/**
 * The logarithm of the weight, to the base of two: the largest whose time constant is not longer than the one wanted,
 * as `tc_setup_estimator` of iproute2 has it. 0 where there is none.
 */
function ewmaLog({ interval, timeConstant }: QdiscRateEstimator): number {
  let log = 1;
  while (log <= MAX_EWMA_LOG + 1 && interval / -Math.log(1 - 1 / 2 ** log) <= timeConstant) log += 1;
  return log - 1;
}

/** Checks the settings of an estimator; `undefined` passes. @throws InvalidOptionError */
export function checkRateEstimator(estimator: unknown): void {
  if (estimator === undefined) return;
  checkProperties(estimator, 'rateEstimator', PROPERTIES);
  const { interval, timeConstant } = estimator as QdiscRateEstimator;
  if (!(INTERVALS as readonly unknown[]).includes(interval))
    throw mustBe('rateEstimator.interval', `one of ${INTERVALS.join(', ')} (seconds)`, interval);
  if (timeConstant === undefined) throw mustBe('rateEstimator.timeConstant', 'a number of seconds', timeConstant);
  checkQuantity('rateEstimator.timeConstant', timeConstant, 0, Number.MAX_SAFE_INTEGER, 's');
  const log = ewmaLog({ interval, timeConstant });
  if (log < 1 || log > MAX_EWMA_LOG)
    throw mustBe(
      'rateEstimator.timeConstant',
      `longer than the interval of ${interval} s by half or more`,
      timeConstant,
    );
}

/** Writes `struct tc_estimator`. It has been checked. */
export function writeRateEstimator(writer: MessageWriter, estimator: QdiscRateEstimator): void {
  writer.struct(TCA_RATE, TC_ESTIMATOR_SIZE, (view, at) => {
    view.setInt8(at, (INTERVALS as readonly number[]).indexOf(estimator.interval) + FIRST_INTERVAL);
    view.setUint8(at + 1, ewmaLog(estimator));
  });
}
