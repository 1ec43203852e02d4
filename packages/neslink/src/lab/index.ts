export { buildLab, type LabOptions } from './build-lab.js';
export type { LabCapture, LabCaptureOptions } from './capture.js';
export { type LabFixture, type LabHooks, labFixture } from './fixture.js';
export { Lab, type LabWaitOptions } from './lab.js';
export { toMermaid } from './mermaid.js';
export { type LabInterface, LabNode, type LabRunOptions, type LabSpawnOptions } from './node.js';
export { type LabPacket, toPcap } from './packet.js';
export { toSvg } from './svg.js';
export type {
  LabAddresses,
  LabDnsSpec,
  LabLinkSpec,
  LabNatSpec,
  LabNodeSpec,
  LabPortForward,
  LabProcessSpec,
  LabServices,
  LabTopology,
} from './topology.js';
