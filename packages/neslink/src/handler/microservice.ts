import { NetnsError } from 'netns-core';
import type { NamespaceMgmtCtx } from './namespace-mgmt-ctx.js';

/** Type of the event of a microservice that has started. */
export const NewMicroservice = 'new-ms';
/** Type of the event of a microservice that has ended. */
export const TerminatedMicroservice = 'term-ms';

/** The environment variable by which a container says which microservice it runs. */
export const MICROSERVICE_LABEL = 'MICROSERVICE_LABEL';

/** A microservice: the container that runs it, and its process. */
export interface Microservice {
  readonly label: string;
  readonly pid: number;
  readonly id: string;
}

/** A microservice has started or ended. */
export interface MicroserviceEvent extends Microservice {
  readonly eventType: typeof NewMicroservice | typeof TerminatedMicroservice;
}

/** What handling changes of microservices goes by. Passed on to `handleMicroservices` as it came. */
export interface MicroserviceCtx {
  readonly nsMgmtCtx: NamespaceMgmtCtx;
}

/** No container with this label is running. */
export class UnavailableMicroserviceError extends NetnsError {
  override name = 'UnavailableMicroserviceError';
  readonly label: string;

  constructor(label: string) {
    super(`the microservice "${label}" is not available: no running container has ${MICROSERVICE_LABEL}=${label}`, {
      code: 'ERR_MICROSERVICE_UNAVAILABLE',
    });
    this.label = label;
  }
}
