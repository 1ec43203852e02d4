import { expect, it } from 'vitest';
import { Turns } from '../src/broker/turns.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('one request of each user is served in a turn of the event loop, in the order in which each sent them', async () => {
  const turns = new Turns();
  const served: string[] = [];
  const take = (uid: number, name: string): void => turns.take(uid, () => served.push(name));
  for (const name of ['a1', 'a2', 'a3', 'a4']) take(1, name);
  take(2, 'b1');
  take(2, 'b2');
  expect(served).toEqual(['a1', 'b1']);
  await turn();
  expect(served.slice(2)).toEqual(['a2', 'b2']);
  take(3, 'c1');
  expect(served.slice(4)).toEqual(['c1']);
  await turn();
  await turn();
  expect(served.slice(5)).toEqual(['a3', 'a4']);
  take(1, 'a5');
  for (let idle = 0; idle < 3; idle += 1) await turn();
  take(1, 'a6');
  expect(served.slice(7)).toEqual(['a5', 'a6']);
});

it('a request that makes another one take its turn does not take two', async () => {
  const turns = new Turns();
  const served: number[] = [];
  const again = (left: number): void => {
    served.push(left);
    if (left > 0) turns.take(1, () => again(left - 1));
  };
  turns.take(1, () => again(3));
  expect(served).toEqual([3]);
  for (const expected of [2, 1, 0]) {
    await turn();
    expect(served.at(-1)).toBe(expected);
  }
});
