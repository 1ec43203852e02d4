import fc from 'fast-check';
import { InvalidOptionError } from 'netns-core';
import { checkKnownOptions, checkMisspeltOptions, escaped, shown } from 'netns-core/checks';
import { describe, expect, it } from 'vitest';

const target = { callee: 'dial', names: ['vrf', 'namespace', 'interface', 'tos'], synonyms: { netns: 'namespace' } };

function refusal(action: () => void): InvalidOptionError {
  try {
    action();
  } catch (error) {
    if (error instanceof InvalidOptionError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('text from outside in messages', () => {
  it('stays on one line and holds no escape sequence, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escaped(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
    );
  });

  it('is shown as it is where it is ordinary', () => {
    expect(escaped('ns-red')).toBe('ns-red');
    expect(shown('größe 漢字')).toBe("'größe 漢字'");
    expect(escaped('a\nb\u001b[31m')).toBe('a\\nb\\u{1b}[31m');
  });

  it('is cut', () => {
    expect(escaped('x'.repeat(1000))).toHaveLength(101);
  });

  it('shows a value of any type', () => {
    fc.assert(fc.property(fc.anything({ withBigInt: true, withNullPrototype: true }), (value) => void shown(value)));
  });
});

describe('unknown options', () => {
  it('are refused with the nearest known name', () => {
    expect(refusal(() => checkKnownOptions({ vrf: 'red', interfce: 'eth0' }, target)).message).toBe(
      "dial has no option 'interfce': did you mean interface?",
    );
  });

  it('are refused with our name for what another program calls differently', () => {
    const error = refusal(() => checkKnownOptions({ netns: 'red' }, target));
    expect(error.message).toContain('did you mean namespace?');
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARGUMENT', option: 'netns' });
  });

  it('are refused with the list of known names where none is near', () => {
    expect(refusal(() => checkKnownOptions({ colour: 1 }, target)).message).toContain('vrf, namespace, interface, tos');
  });

  it('are refused also when their value is undefined', () => {
    expect(refusal(() => checkKnownOptions({ netns: undefined }, target)).option).toBe('netns');
  });

  it('pass where they belong to another library', () => {
    checkMisspeltOptions({ pipelining: 1, brandNewOption: true, tls: {} }, target, new Set(['tls']));
    expect(refusal(() => checkMisspeltOptions({ namespce: 'x' }, target, new Set())).option).toBe('namespce');
  });
});
