import { writeSync } from 'node:fs';
import type { NetnsHandle } from 'netns-core';
import { sys } from 'netns-core/sys';
import type { Logger } from './logger.js';
import type { NamespaceMgmtCtx } from './namespace-mgmt-ctx.js';
import type { SystemAPI } from './system-api.js';

/**
 * Moves the calling thread and gives the function that moves it back. Everything that runs on the thread until then
 * runs over there, so a switch must not outlive the turn of the event loop that it was made in: if the turn ends
 * first, the switch is reverted and the omission reported.
 *
 * @param home where to return to, and `target` where to go: both belong to the switch
 */
export function switchThread(
  system: SystemAPI,
  home: NetnsHandle,
  target: NetnsHandle,
  what: string,
  ctx: NamespaceMgmtCtx,
  logger: Logger,
): () => void {
  try {
    system.setNamespace(target);
  } catch (error) {
    home.close();
    throw error;
  } finally {
    target.close();
  }
  logger.debug(`switched to the namespace ${what}`);
  let reverted = false;

  const revert = (): void => {
    if (reverted) return;
    // Those switched to from over there come home first; each takes itself off the list.
    for (let inner = ctx.pending.at(-1); inner !== undefined && inner !== revert; inner = ctx.pending.at(-1)) inner();
    ctx.pending.pop();
    reverted = true;
    try {
      system.setNamespace(home);
    } catch (error) {
      try {
        writeSync(
          2,
          `neslink: cannot return from the namespace ${what}: ${(error as Error).message}. Stopping the process, so that nothing is sent from the wrong namespace.\n`,
        );
      } catch {
        // No stderr: the signal has to say it.
      }
      sys().abort();
    } finally {
      home.close();
    }
    logger.debug(`switched back from the namespace ${what}`);
  };
  ctx.pending.push(revert);

  const enforce = (): void => {
    if (reverted) return;
    revert();
    const message = `the switch to the namespace ${what} was not reverted within its turn of the event loop, so it was reverted now: revert before the first await, or use the form with a function`;
    logger.error(message);
    process.emitWarning(message, { type: 'NamespaceSwitchWarning', code: 'NESLINK_SWITCH_NOT_REVERTED' });
  };
  // Which of the two comes first depends on where the turn began; the other one then finds nothing to do.
  process.nextTick(enforce);
  queueMicrotask(enforce);
  return revert;
}
