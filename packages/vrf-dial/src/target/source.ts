import { type SocketSource, socketSource } from 'netns-core';
import type { ResolvedTarget } from './target.js';

/** What makes the sockets of a target. */
export function sourceOf({ source }: Pick<ResolvedTarget, 'source'>): SocketSource {
  return source ?? socketSource();
}
