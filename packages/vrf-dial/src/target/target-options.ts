import type { SocketSource } from 'netns-core';
import { checkSocketSource } from 'netns-core/checks';
import { checkedElsewhere, milliseconds, oneOf } from '../options/value-checks.js';
import { checkDns } from './dns-options.js';

/** Where sockets are made. What the places mean is checked in `target.ts`, where they are told apart. */
export const TARGET_OPTIONS = {
  vrf: {
    check: checkedElsewhere,
    synonyms: ['vfr', 'vrfs', 'vrfname', 'vrf_name', 'vrfid', 'routingdomain', 'routinginstance'],
  },
  namespace: {
    check: checkedElsewhere,
    synonyms: [
      ...['netns', 'ns', 'netnsname', 'netnspath', 'nsname', 'nspath', 'namespacename', 'networknamespace'],
      ...['network', 'netnamespace', 'networkns', 'net_ns'],
    ],
  },
  source: { check: checkSource, synonyms: ['broker', 'socketsource', 'sockets'] },
  waitForNamespace: { check: milliseconds, synonyms: ['waitforvrf', 'waitfornetns', 'wait', 'namespacetimeout'] },
  onReplaced: { check: oneOf('drain', 'abort'), synonyms: ['onreplacement', 'onremoved', 'whenreplaced'] },
  dns: {
    check: checkDns,
    synonyms: ['nameservers', 'nameserver', 'resolver', 'resolvers', 'dnsservers', 'dnsserver', 'dnsoptions'],
  },
} as const;

function checkSource(option: string, source: unknown): SocketSource {
  checkSocketSource(option, source);
  return source;
}
