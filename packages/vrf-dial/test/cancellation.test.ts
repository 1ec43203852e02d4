import { expect, it } from 'vitest';
import { Cancellation } from '../src/cancellation.ts';

it('calls each listener once, with the first reason', () => {
  const cancellation = new Cancellation();
  const first = new Error('first');
  const seen: unknown[] = [];
  cancellation.onCancel((reason) => seen.push(['one', reason]));
  cancellation.onCancel((reason) => seen.push(['two', reason]));
  const withdraw = cancellation.onCancel((reason) => seen.push(['withdrawn', reason]));
  withdraw();
  withdraw();
  expect(cancellation.cancelled).toBe(false);
  cancellation.throwIfCancelled();
  cancellation.cancel(first);
  cancellation.cancel(new Error('second'));
  expect(seen).toEqual([
    ['one', first],
    ['two', first],
  ]);
  expect(cancellation.reason).toBe(first);
  expect(() => cancellation.throwIfCancelled()).toThrow(first);
});

it('does not call a listener that another one has withdrawn', () => {
  const cancellation = new Cancellation();
  const seen: string[] = [];
  cancellation.onCancel(() => {
    seen.push('one');
    withdraw();
  });
  const withdraw = cancellation.onCancel(() => seen.push('two'));
  cancellation.cancel('over');
  expect(seen).toEqual(['one']);
});

it('calls listeners in the order in which they came, also where the first was withdrawn', () => {
  const cancellation = new Cancellation();
  const seen: string[] = [];
  const withdraw = cancellation.onCancel(() => seen.push('first'));
  cancellation.onCancel(() => seen.push('second'));
  withdraw();
  cancellation.onCancel(() => seen.push('third'));
  withdraw();
  cancellation.cancel('over');
  expect(seen).toEqual(['second', 'third']);
});
