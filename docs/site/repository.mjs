import { PUBLISHER } from '../../tools/release/publisher.mjs';

/** Where the sources are read. */
export const REPOSITORY = PUBLISHER.repository;
