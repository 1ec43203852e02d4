export type { CandidateAddress } from './address-queue.js';
export { type ConnectFirstOptions, connectFirst } from './connect-first.js';
export { AllAddressesFailedError } from './errors.js';
