import { beforeEach, describe, expect, it } from 'vitest';
import {
  AnswerCache,
  answerCache,
  type CachedAnswer,
  cacheGeneration,
  clearDnsCache,
} from '../../src/resolve/answer-cache.js';

const answer = (address: string, expires = 1000): CachedAnswer => ({
  addresses: [{ address, family: 4, ttl: 60 }],
  nonexistent: false,
  stored: 0,
  expires,
});
const ONE = answer('192.0.2.1');

/** Keeps an answer for each key, in this order, as asked for just now. */
function fill(cache: AnswerCache, keys: readonly string[]): void {
  for (const key of keys) cache.keep(key, ONE, cacheGeneration());
}

const known = (cache: AnswerCache, keys: readonly string[]): string[] =>
  keys.filter((key) => cache.find(key, 0) !== undefined);

beforeEach(clearDnsCache);

describe('an answer in the cache', () => {
  it('holds until the moment at which it expires, and is gone then', () => {
    const cache = new AnswerCache(10);
    cache.keep('a', answer('192.0.2.1', 500), cacheGeneration());
    expect(cache.find('a', 499.9)?.addresses).toEqual([{ address: '192.0.2.1', family: 4, ttl: 60 }]);
    expect(cache.find('a', 500)).toBeUndefined();
    expect(cache.find('a', 0)).toBeUndefined();
    expect(cache.find('b', 0)).toBeUndefined();
  });

  it('is the last one that was kept for its question', () => {
    const cache = new AnswerCache(10);
    fill(cache, ['a']);
    const newer = answer('192.0.2.2');
    cache.keep('a', newer, cacheGeneration());
    expect(cache.find('a', 0)).toBe(newer);
  });
});

describe('a cache with a bound', () => {
  it('drops the answers that were kept longest ago, and no more of them than needed', () => {
    const cache = new AnswerCache(3);
    fill(cache, ['a', 'b', 'c', 'd']);
    expect(known(cache, ['a', 'b', 'c', 'd'])).toEqual(['b', 'c', 'd']);
    fill(cache, ['e', 'f']);
    expect(known(cache, ['b', 'c', 'd', 'e', 'f'])).toEqual(['d', 'e', 'f']);
  });

  it('takes an answer that is kept again for the youngest, which displaces no other', () => {
    const cache = new AnswerCache(3);
    fill(cache, ['a', 'b', 'c', 'b']);
    expect(known(cache, ['a', 'b', 'c'])).toEqual(['a', 'b', 'c']);
    fill(cache, ['d', 'e']);
    expect(known(cache, ['a', 'b', 'c', 'd', 'e'])).toEqual(['b', 'd', 'e']);
  });

  it('of 0 keeps nothing, one of 1 the last', () => {
    const [none, single] = [new AnswerCache(0), new AnswerCache(1)];
    fill(none, ['a', 'b']);
    fill(single, ['a', 'b']);
    expect(known(none, ['a', 'b'])).toEqual([]);
    expect(known(single, ['a', 'b'])).toEqual(['b']);
  });
});

describe('clearDnsCache', () => {
  it('empties every cache, which keep what is asked for afterwards', () => {
    const [one, other] = [new AnswerCache(10), new AnswerCache(10)];
    for (const cache of [one, other]) fill(cache, ['a']);
    clearDnsCache();
    expect(known(one, ['a'])).toEqual([]);
    fill(one, ['b']);
    expect(known(one, ['a', 'b'])).toEqual(['b']);
    // By its first use, whichever that is.
    fill(other, ['b']);
    expect(known(other, ['a', 'b'])).toEqual(['b']);
  });

  it('keeps away answers to questions that were asked before it', () => {
    const cache = new AnswerCache(10);
    const asked = cacheGeneration();
    clearDnsCache();
    cache.keep('a', ONE, asked);
    expect(known(cache, ['a'])).toEqual([]);
  });
});

describe('the cache of a target', () => {
  it('is the shared one without a bound; with one it is that of targets with the same text and bound alone', () => {
    expect(answerCache(undefined, 'x')).toBe(answerCache(undefined, 'y'));
    const bounded = answerCache(5, 'x');
    expect(answerCache(5, 'x')).toBe(bounded);
    for (const other of [answerCache(6, 'x'), answerCache(5, 'y'), answerCache(undefined, 'x')])
      expect(other).not.toBe(bounded);
    fill(bounded, ['a', 'b', 'c', 'd', 'e', 'f']);
    expect(known(bounded, ['a', 'b'])).toEqual(['b']);
  });

  it('is found again among 256 that were used last, and given up after that', () => {
    const first = answerCache(5, 'target 0');
    const second = answerCache(5, 'target 1');
    for (let index = 2; index < 256; index += 1) answerCache(5, `target ${index}`);
    expect(answerCache(5, 'target 0')).toBe(first);
    // The first was used just now, so it is the second one that has to go.
    answerCache(5, 'target 256');
    expect(answerCache(5, 'target 0')).toBe(first);
    expect(answerCache(5, 'target 1')).not.toBe(second);
  });
});
