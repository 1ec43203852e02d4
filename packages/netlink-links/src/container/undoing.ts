/**
 * Does something; if it fails, undoes what was before it. The error is that of the work, whatever the undoing says:
 * it would only hide the reason.
 */
export function undoing<T>(undo: () => void, work: () => T): T {
  try {
    return work();
  } catch (error) {
    try {
      undo();
    } catch {
      // What is left over is there to see; why it came to that is not.
    }
    throw error;
  }
}
