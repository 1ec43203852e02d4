export type { ContainerDetails, ContainerSummary, DockerClient } from './docker-client.js';
export { NPDocker, NPDockerID, NPDockerName } from './providers.js';
