// What tests of all packages share: other people's tools (`ip`, `tcpdump`) and views of this process from outside.
export { type Capture, capture, keepingGroups } from './capture.ts';
export { ip, ipIn, ipJson, makeNamespaces, run, uniqueName, vethBetween } from './iproute.ts';
export { actAs, KERNELS_WITHOUT_COOKIES, OLDER_KERNELS } from './older-kernels.ts';
export { Podman, reasonWithoutPodman } from './podman.ts';
export { leakedFds, namespaceOfThreads, openFds, retryUntil, untilNothingLeaks } from './process.ts';
export { type ProgramResult, runProgram } from './program.ts';
export { realRoot, reasonWithoutProgram, reasonWithoutTun } from './requirements.ts';
export { unitsOfPages } from './systemd-units.ts';
export { withoutPrivileges } from './unprivileged.ts';
