import type { AttributeReader } from '../../message/attribute-reader.js';
import { checkFields, type Fields, fieldReader, type Reading, writeFields } from '../../message/fields.js';
import type { MessageWriter } from '../../message/message-writer.js';

/**
 * What is particular to the ports of one kind of master: how their `IFLA_INFO_SLAVE_DATA` is written and read. `A` is
 * what is read.
 */
export interface PortKind<A extends object> {
  /** The name that the kernel knows the master's kind by (`IFLA_INFO_SLAVE_KIND`). */
  readonly kernelName: string;
  /** How an error calls such a master: `'a bridge'`. */
  readonly master: string;
  /** All that the settings of such a port may have. */
  readonly properties: readonly string[];
  /** Those of them that the kernel only tells. */
  readonly told: readonly string[];
  /** What other programs call them, in small letters. */
  readonly synonyms?: Readonly<Record<string, string>>;
  /**
   * Refuses what cannot be written.
   *
   * @param what stands before the name of a property in an error: `'masterPort.'`
   * @throws InvalidOptionError
   */
  check(port: Partial<A>, what: string): void;
  /** Writes the attributes that go into `IFLA_INFO_SLAVE_DATA`. */
  write(writer: MessageWriter, port: Partial<A>): void;
  read(data: AttributeReader, port: Reading<A>): void;
}

/** Makes the kind of ports whose data is one attribute for each property. */
export function portOfFields<A extends object>(
  kernelName: string,
  master: string,
  fields: Fields<A>,
  { synonyms, passedOver }: { synonyms?: Readonly<Record<string, string>>; passedOver?: readonly number[] } = {},
): PortKind<A> {
  const properties = Object.keys(fields);
  return {
    kernelName,
    master,
    properties,
    told: properties.filter((key) => fields[key as keyof A]?.write === undefined),
    check: (port, what) => checkFields(fields, port, what),
    write: (writer, port) => writeFields(writer, fields, port),
    read: fieldReader(fields, [], passedOver),
    ...(synonyms !== undefined && { synonyms }),
  };
}
