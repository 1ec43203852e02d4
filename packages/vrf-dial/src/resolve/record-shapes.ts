import type { CaaRecord, MxRecord, SoaRecord, SrvRecord } from 'node:dns';
import type { DnsRecord } from './message.js';
import {
  TYPE_A,
  TYPE_AAAA,
  TYPE_CAA,
  TYPE_CNAME,
  TYPE_MX,
  TYPE_NS,
  TYPE_PTR,
  TYPE_SOA,
  TYPE_SRV,
  TYPE_TXT,
} from './record-types.js';

/** How the records of one type are asked for, and what `node:dns` makes of them. */
interface Shape<T> {
  readonly type: number;
  /** As `node:dns` calls the query in errors. */
  readonly syscall: string;
  read(records: readonly DnsRecord[]): T;
}

/** Reads all records of one type. */
function shape<N extends DnsRecord['type'], T>(
  type: N,
  syscall: string,
  read: (record: Extract<DnsRecord, { readonly type: N }>) => T,
): Shape<T[]> {
  const isOfType = (record: DnsRecord): record is Extract<DnsRecord, { readonly type: N }> => record.type === type;
  return { type, syscall, read: (records) => records.filter(isOfType).map(read) };
}

const soa = shape(TYPE_SOA, 'querySoa', ({ nsname, hostmaster, serial, refresh, retry, expire, minttl }): SoaRecord => {
  return { nsname, hostmaster, serial, refresh, retry, expire, minttl };
});

/** An address with the seconds for which it holds. */
export interface AddressWithTtl {
  address: string;
  ttl: number;
}

function addressAndTtl(record: DnsRecord): AddressWithTtl {
  return { address: 'address' in record ? record.address : '', ttl: record.ttl };
}

/** The types that can be asked for, by the names that `dns.resolve` takes. */
export const SHAPES = {
  A: { type: TYPE_A, syscall: 'queryA', read: (records) => records.map(addressAndTtl) } satisfies Shape<
    AddressWithTtl[]
  >,
  AAAA: {
    type: TYPE_AAAA,
    syscall: 'queryAaaa',
    read: (records) => records.map(addressAndTtl),
  } satisfies Shape<AddressWithTtl[]>,
  CAA: shape(TYPE_CAA, 'queryCaa', ({ critical, tag, value }): CaaRecord => ({ critical, [tag]: value })),
  CNAME: shape(TYPE_CNAME, 'queryCname', ({ written }): string => written),
  MX: shape(TYPE_MX, 'queryMx', ({ written, priority }): MxRecord => ({ exchange: written, priority })),
  NS: {
    type: TYPE_NS,
    syscall: 'queryNs',
    read: (records) => records.map(writtenName),
  } satisfies Shape<string[]>,
  PTR: {
    type: TYPE_PTR,
    syscall: 'queryPtr',
    read: (records) => records.map(writtenName),
  } satisfies Shape<string[]>,
  SOA: soa,
  SRV: shape(TYPE_SRV, 'querySrv', ({ written, port, priority, weight }): SrvRecord => {
    return { name: written, port, priority, weight };
  }),
  TXT: shape(TYPE_TXT, 'queryTxt', ({ chunks }): string[] => [...chunks]),
};

function writtenName(record: DnsRecord): string {
  return 'written' in record ? record.written : '';
}

/** A type that {@link VrfResolver.resolve} takes. */
export type RecordTypeName = keyof typeof SHAPES;

/** What comes of a type. */
export type RecordsOf<T extends RecordTypeName> = ReturnType<(typeof SHAPES)[T]['read']>;
