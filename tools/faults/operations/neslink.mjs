// neslink's Do and its kin, with actions in `red`.
import * as neslink from 'neslink';
import { getFromName } from 'netns-core';

const objects = ['red', 'provider', 'action', 'link', 'eth0'];
const names = (result) => result[0].some((link) => link.name === 'eth0');
/** NsDo reports instead of throwing. */
const reported = async (promise) => {
  const { err, results } = await promise;
  if (err !== undefined) throw err;
  return results;
};
const red = () => neslink.NPName('red');

export const operations = {
  Do: [
    { what: 'NALinks', run: () => neslink.Do(red(), neslink.NALinks()), right: names, objects, mayPoison: true },
    { what: 'NAExec', run: () => neslink.Do(red(), neslink.NAExec('true', [])), objects, mayPoison: true },
    {
      what: 'in a new namespace',
      run: () => neslink.Do(neslink.NPNew(), neslink.NALinks()),
      objects: [...objects, 'new', 'namespace'],
      mayPoison: true,
    },
  ],
  MustDo: { run: () => neslink.MustDo(red(), neslink.NALinks()), right: names, objects },
  DoFd: {
    run: async () => {
      const handle = getFromName('red');
      try {
        return await neslink.DoFd(handle, neslink.NALinks());
      } finally {
        handle.close();
      }
    },
    right: names,
    objects: [...objects, 'NS('],
    mayPoison: true,
  },
  NsDo: { run: () => reported(neslink.NsDo(red(), neslink.NALinks())), right: names, objects, mayPoison: true },
  MustNsDo: { run: () => reported(neslink.MustNsDo(red(), neslink.NALinks())), right: names, objects },
  LinkDo: {
    run: () => reported(neslink.LinkDo(red(), neslink.LPName('eth0'), neslink.LASetMTU(1400))),
    objects,
    mayPoison: true,
  },
  MustLinkDo: {
    run: () => reported(neslink.MustLinkDo(red(), neslink.LPName('eth0'), neslink.LASetMTU(1400))),
    objects,
  },
};

/** Only what is called Do: providers and actions are values that it carries out. */
export const only = /Do$|^DoFd$/;
export const withoutCalls = {};
