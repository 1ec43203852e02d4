import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { onAbort } from '../src/checks/index.ts';

describe('onAbort', () => {
  it('puts one listener on a signal, however many operations wait for it, and none when all have withdrawn', () => {
    const { signal } = new AbortController();
    const withdraw = Array.from({ length: 50 }, () => onAbort(signal, () => {}));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    for (const one of withdraw) one();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    const again = onAbort(signal, () => {});
    for (const one of withdraw) one();
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    again();
  });

  it('calls each function once, and none that an earlier one has withdrawn', () => {
    const controller = new AbortController();
    const called: string[] = [];
    const note = (name: string) => (): void => {
      called.push(name);
    };
    onAbort(controller.signal, () => {
      called.push('first');
      withdrawn();
    });
    const withdrawn = onAbort(controller.signal, note('withdrawn'));
    const twice = note('twice');
    onAbort(controller.signal, twice);
    onAbort(controller.signal, twice);
    controller.abort();
    expect(called).toEqual(['first', 'twice', 'twice']);
  });

  it('calls all of them though one throws', async () => {
    const controller = new AbortController();
    const called: string[] = [];
    const uncaught: unknown[] = [];
    const before = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => uncaught.push(error));
    try {
      onAbort(controller.signal, () => {
        throw new Error('of the caller');
      });
      onAbort(controller.signal, () => called.push('second'));
      controller.abort();
      expect(called).toEqual(['second']);
      await new Promise((resolve) => setImmediate(resolve));
      expect(uncaught).toMatchObject([{ message: 'of the caller' }]);
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const listener of before) process.on('uncaughtException', listener);
    }
  });
});
