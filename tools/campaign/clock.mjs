/** Milliseconds of CLOCK_MONOTONIC: one clock for every process of a campaign. */
export const now = () => Number(process.hrtime.bigint() / 1000n) / 1000;

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
