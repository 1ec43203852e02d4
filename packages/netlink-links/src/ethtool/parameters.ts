import { InvalidOptionError } from 'netns-core';
import type { AttributeReader } from '../message/attribute-reader.js';
import { checkProperties } from '../message/checks.js';
import { checkFields, type Fields, fieldReader, type Reading, writeFields } from '../message/fields.js';
import type { MessageWriter } from '../message/message-writer.js';
import { checkUnknown, type WithUnknown, writeUnknown } from '../message/unknown-attribute.js';
import type { LinkReference } from '../operation/link-reference.js';
import type { Operation } from '../operation/operation.js';
import { askDevice, changeDevice, ethtoolOperation, ethtoolSubject, HEADER } from './request.js';

/** A group of numbers that a driver tells and takes, each in an attribute. */
export interface Parameters<A extends object> {
  readonly get: (name: string, link: LinkReference) => Operation<A & WithUnknown>;
  readonly set: (name: string, link: LinkReference, settings: Partial<A> & WithUnknown) => Operation<void>;
  /** Reads what the device has. What a driver does not have is not told. */
  readonly read: (attributes: AttributeReader) => A & WithUnknown;
  /** What a change says, for tests that compare it with what `ethtool` sends. */
  readonly write: (writer: MessageWriter, settings: Partial<A> & WithUnknown) => void;
}

/** Makes the two operations of a group. @param noun what they are, for errors: `'the ring sizes of'` */
export function parameters<A extends object>(
  noun: string,
  { get, set }: { readonly get: number; readonly set: number },
  fields: Fields<A>,
  options: {
    readonly passedOver?: readonly number[];
    readonly synonyms: Readonly<Record<string, string>>;
    readonly check?: (settings: Partial<A>) => void;
  },
): Parameters<A> {
  const readInto = fieldReader<A>(fields, [], [HEADER, ...(options.passedOver ?? [])]);
  const known = { names: [...Object.keys(fields), 'unknown'], synonyms: options.synonyms };
  const settable = Object.entries(fields).filter(([, field]) => (field as { write?: unknown }).write !== undefined);
  const write = (writer: MessageWriter, settings: Partial<A> & WithUnknown): void => {
    writeFields(writer, fields, settings);
    if (settings.unknown !== undefined) writeUnknown(writer, settings.unknown);
  };
  const read = (attributes: AttributeReader): A & WithUnknown => {
    // All of it is optional.
    const values = {} as Reading<A>;
    readInto(attributes, values);
    return values as A & WithUnknown;
  };
  return {
    get(name, link) {
      const subject = ethtoolSubject(name, `read ${noun}`, link);
      return ethtoolOperation(subject, (family) => askDevice(family, get, subject.reference, read));
    },
    set(name, link, settings) {
      const subject = ethtoolSubject(name, `set ${noun}`, link);
      checkProperties(settings, name, known);
      checkFields(fields, settings);
      checkUnknown(settings.unknown);
      options.check?.(settings);
      if (settable.every(([key]) => settings[key as keyof A] === undefined) && settings.unknown === undefined)
        throw new InvalidOptionError(
          'settings',
          `${name} needs at least one of ${settable.map(([key]) => key).join(', ')}`,
        );
      return ethtoolOperation(subject, (family) =>
        changeDevice(family, set, subject.reference, (writer) => write(writer, settings)),
      );
    },
    read,
    write,
  };
}
