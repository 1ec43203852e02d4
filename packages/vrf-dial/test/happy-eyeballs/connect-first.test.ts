import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { CandidateAddress } from '../../src/dial/address-queue.js';
import { AllAddressesFailedError } from '../../src/dial/all-addresses-failed-error.js';
import { connectFirst } from '../../src/dial/connect-first.js';

const SIX = ['2001:db8::1', '2001:db8::2', '2001:db8::3'].map((address) => ({ address, family: 6 as const }));
const FOUR = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((address) => ({ address, family: 4 as const }));

/** What becomes of each address: connected after so many milliseconds, an error code, or nothing at all. */
type Script = Readonly<Record<string, number | string | 'hangs'>>;

class Race {
  /** The addresses in the order in which they were tried, and when. */
  readonly tried: string[] = [];
  readonly times: number[] = [];
  readonly aborted: string[] = [];
  readonly discarded: string[] = [];
  readonly #script: Script;
  readonly #started = performance.now();

  constructor(script: Script) {
    this.#script = script;
  }

  readonly attempt = (entry: CandidateAddress, signal: AbortSignal): Promise<string> => {
    this.tried.push(entry.address);
    this.times.push(performance.now() - this.#started);
    const outcome = this.#script[entry.address] ?? 'hangs';
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => {
        this.aborted.push(entry.address);
        reject(signal.reason);
      });
      if (typeof outcome === 'number') setTimeout(resolve, outcome, entry.address);
      else if (outcome !== 'hangs')
        setTimeout(() => reject(Object.assign(new Error(`no ${entry.address}`), { code: outcome })), 1);
    });
  };

  readonly discard = (connection: string): void => {
    this.discarded.push(connection);
  };

  run(options: Partial<Parameters<typeof connectFirst<string, CandidateAddress>>[0]>): Promise<string> {
    return connectFirst({
      what: 'cannot connect to host:80',
      addresses: [],
      attempt: this.attempt,
      discard: this.discard,
      ...options,
    });
  }
}

describe('several addresses', () => {
  it('are tried with the families in turns, IPv6 first, each family in its order', async () => {
    const race = new Race({ '192.0.2.3': 0 });
    expect(await race.run({ addresses: [...FOUR, ...SIX], attemptDelay: 5 })).toBe('192.0.2.3');
    expect(race.tried).toEqual(['2001:db8::1', '192.0.2.1', '2001:db8::2', '192.0.2.2', '2001:db8::3', '192.0.2.3']);
  });

  it('begin with IPv4 where that is to be first', async () => {
    const race = new Race({ '192.0.2.2': 0 });
    expect(await race.run({ addresses: [...SIX, ...FOUR], attemptDelay: 5, firstFamily: 4 })).toBe('192.0.2.2');
    expect(race.tried).toEqual(['192.0.2.1', '2001:db8::1', '192.0.2.2']);
  });

  it('are tried one at a time, each with its time', async () => {
    const race = new Race({ '2001:db8::1': 'hangs', '192.0.2.1': 'hangs', '2001:db8::2': 0 });
    await race.run({ addresses: [...SIX, ...FOUR], attemptDelay: 60 });
    const [first = 0, second = 0, third = 0] = race.times;
    expect(second - first).toBeGreaterThan(55);
    expect(third - second).toBeGreaterThan(55);
  });

  it('have 250 ms unless it is said otherwise', async () => {
    const race = new Race({ '2001:db8::1': 'hangs', '192.0.2.1': 0 });
    await race.run({ addresses: [...SIX, ...FOUR] });
    expect((race.times[1] ?? 0) - (race.times[0] ?? 0)).toBeGreaterThan(245);
  });

  it('do not wait for their time when the one before has failed', async () => {
    const race = new Race({ '2001:db8::1': 'ENETUNREACH', '192.0.2.1': 'ECONNREFUSED', '2001:db8::2': 0 });
    expect(await race.run({ addresses: [...SIX, ...FOUR], attemptDelay: 60_000 })).toBe('2001:db8::2');
  });

  it('that are listed twice are tried once', async () => {
    const race = new Race({ '2001:db8::1': 'ECONNREFUSED', '192.0.2.1': 'ECONNREFUSED' });
    await race.run({ addresses: [...SIX.slice(0, 1), ...SIX.slice(0, 1), ...FOUR.slice(0, 1)] }).catch(() => undefined);
    expect(race.tried).toEqual(['2001:db8::1', '192.0.2.1']);
  });
});

describe('the first connection', () => {
  it('wins, and the attempts that still run are ended', async () => {
    const race = new Race({ '2001:db8::1': 'hangs', '192.0.2.1': 'hangs', '2001:db8::2': 10 });
    expect(await race.run({ addresses: [...SIX, ...FOUR], attemptDelay: 5 })).toBe('2001:db8::2');
    expect(race.aborted).toEqual(expect.arrayContaining(['2001:db8::1', '192.0.2.1']));
    const tried = race.tried.length;
    await delay(30);
    expect(race.tried).toHaveLength(tried);
  });

  it('may be one that was tried before others', async () => {
    const race = new Race({ '2001:db8::1': 40, '192.0.2.1': 'hangs', '2001:db8::2': 'ECONNREFUSED' });
    expect(await race.run({ addresses: SIX.slice(0, 2).concat(FOUR.slice(0, 1) as never), attemptDelay: 5 })).toBe(
      '2001:db8::1',
    );
  });

  it('makes closed connections of those that come too late', async () => {
    // An attempt that does not listen to its signal.
    const discarded: string[] = [];
    const won = await connectFirst({
      what: '',
      addresses: [...SIX.slice(0, 1), ...FOUR.slice(0, 1)],
      attempt: async ({ address, family }) => {
        await delay(family === 6 ? 60 : 20);
        return address;
      },
      discard: (address: string) => discarded.push(address),
      attemptDelay: 5,
    });
    expect(won).toBe('192.0.2.1');
    await delay(80);
    expect(discarded).toEqual(['2001:db8::1']);
  });
});

describe('failures', () => {
  it('of all addresses are told together, in the order of the attempts', async () => {
    const race = new Race({ '2001:db8::1': 'ENETUNREACH', '192.0.2.1': 'ECONNREFUSED', '192.0.2.2': 'EHOSTUNREACH' });
    const error = await race
      .run({ addresses: [...SIX.slice(0, 1), ...FOUR.slice(0, 2)] })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AllAddressesFailedError);
    expect(error).toMatchObject({
      code: 'ENETUNREACH',
      addresses: ['2001:db8::1', '192.0.2.1', '192.0.2.2'],
      message:
        'cannot connect to host:80: all 3 addresses failed: 2001:db8::1: ENETUNREACH; 192.0.2.1: ECONNREFUSED; 192.0.2.2: EHOSTUNREACH',
    });
    expect((error as AllAddressesFailedError).errors.map((one) => (one as NodeJS.ErrnoException).code)).toEqual([
      'ENETUNREACH',
      'ECONNREFUSED',
      'EHOSTUNREACH',
    ]);
  });

  it('of the only address is its own error', async () => {
    const race = new Race({ '192.0.2.1': 'ECONNREFUSED' });
    await expect(race.run({ addresses: FOUR.slice(0, 1) })).rejects.toMatchObject({ message: 'no 192.0.2.1' });
  });

  it('that are thrown rather than rejected count as well', async () => {
    const thrown = new Error('at once');
    for (const addresses of [FOUR.slice(0, 1), FOUR.slice(0, 2)])
      await expect(
        connectFirst({
          what: '',
          addresses,
          attempt: () => {
            throw thrown;
          },
          discard: () => undefined,
        }),
      ).rejects.toSatisfy((error) => error === thrown || (error as AllAddressesFailedError).errors[0] === thrown);
  });

  it('of nothing at all are an error, too', async () => {
    await expect(new Race({}).run({ addresses: [] })).rejects.toBeInstanceOf(AllAddressesFailedError);
  });
});

describe('giving up', () => {
  it('ends all attempts and rejects with the reason of the signal', async () => {
    const race = new Race({});
    const controller = new AbortController();
    const reason = new Error('enough');
    const running = race.run({ addresses: [...SIX, ...FOUR], attemptDelay: 5, signal: controller.signal });
    await delay(20);
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect([...race.aborted].sort()).toEqual([...race.tried].sort());
    const tried = race.tried.length;
    await delay(20);
    expect(race.tried).toHaveLength(tried);
  });

  it('before it begins tries nothing', async () => {
    const race = new Race({});
    const reason = new Error('not at all');
    await expect(race.run({ addresses: SIX, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(race.tried).toEqual([]);
  });
});

describe('addresses that become known one family after the other', () => {
  const later = <T>(value: T, ms: number): Promise<T> => delay(ms).then(() => value);
  const failing = async (ms: number, message: string): Promise<never> => {
    await delay(ms);
    throw new Error(message);
  };

  it('are tried at once where IPv6 comes first', async () => {
    const race = new Race({ '2001:db8::1': 0 });
    const never = new Promise<never>(() => undefined);
    expect(await race.run({ addresses: { ipv6: Promise.resolve(SIX), ipv4: never } })).toBe('2001:db8::1');
  });

  it('wait a moment for IPv6 where IPv4 comes first', async () => {
    const race = new Race({ '2001:db8::1': 0, '192.0.2.1': 0 });
    expect(
      await race.run({ addresses: { ipv6: later(SIX, 20), ipv4: Promise.resolve(FOUR) }, resolutionDelay: 2000 }),
    ).toBe('2001:db8::1');
    expect(race.tried).toEqual(['2001:db8::1']);
  });

  it('wait for IPv4 where that is to be first', async () => {
    const race = new Race({ '2001:db8::1': 0, '192.0.2.1': 0 });
    const addresses = { ipv6: Promise.resolve(SIX), ipv4: later(FOUR, 20) };
    expect(await race.run({ addresses, resolutionDelay: 2000, firstFamily: 4 })).toBe('192.0.2.1');
    expect(race.tried).toEqual(['192.0.2.1']);
  });

  it('wait no longer than that moment', async () => {
    const race = new Race({ '2001:db8::1': 0, '192.0.2.1': 0 });
    expect(await race.run({ addresses: { ipv6: later(SIX, 1000), ipv4: Promise.resolve(FOUR) } })).toBe('192.0.2.1');
    expect(race.times[0]).toBeGreaterThan(45);
  });

  it('do not wait where there is no IPv6', async () => {
    const race = new Race({ '192.0.2.1': 0 });
    expect(
      await race.run({
        addresses: { ipv6: Promise.resolve([]), ipv4: later(FOUR, 5) },
        resolutionDelay: 60_000,
      }),
    ).toBe('192.0.2.1');
  });

  it('join a race that runs', async () => {
    const race = new Race({ '192.0.2.1': 'hangs', '192.0.2.2': 'hangs', '2001:db8::1': 0 });
    expect(
      await race.run({
        addresses: { ipv6: later(SIX, 60), ipv4: Promise.resolve(FOUR.slice(0, 2)) },
        resolutionDelay: 5,
        attemptDelay: 20,
      }),
    ).toBe('2001:db8::1');
    expect(race.tried.slice(0, 2)).toEqual(['192.0.2.1', '192.0.2.2']);
  });

  it('are waited for when the other family has failed to connect', async () => {
    const race = new Race({ '2001:db8::1': 'ENETUNREACH', '192.0.2.1': 0 });
    expect(await race.run({ addresses: { ipv6: Promise.resolve(SIX.slice(0, 1)), ipv4: later(FOUR, 30) } })).toBe(
      '192.0.2.1',
    );
  });

  it('do without the family that could not be resolved', async () => {
    const race = new Race({ '192.0.2.1': 0 });
    expect(await race.run({ addresses: { ipv6: failing(5, 'SERVFAIL'), ipv4: later(FOUR, 1) } })).toBe('192.0.2.1');
  });

  it('fail with the error of the resolution where there are none', async () => {
    const race = new Race({});
    await expect(
      race.run({ addresses: { ipv6: failing(5, 'ENOTFOUND'), ipv4: failing(1, 'ENOTFOUND') } }),
    ).rejects.toThrow('ENOTFOUND');
  });

  it('fail with the error of the connection where there was one', async () => {
    const race = new Race({ '192.0.2.1': 'ECONNREFUSED' });
    await expect(
      race.run({ addresses: { ipv6: failing(5, 'SERVFAIL'), ipv4: later(FOUR.slice(0, 1), 1) } }),
    ).rejects.toThrow('no 192.0.2.1');
  });
});
