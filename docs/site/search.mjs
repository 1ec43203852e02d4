/**
 * How the site searches, in the browser and in the check of the site. The functions go into the pages as text, so each
 * stands alone.
 */
export const TOKENIZE = (/** @type {string} */ text) =>
  // `listenInVrf` is found by `InVrf` and by `vrf` as well.
  text
    .split(/[\s\p{P}]+/u)
    .flatMap((word) => [word, ...word.split(/(?<=[a-z0-9])(?=[A-Z])/)])
    .filter((word, index, all) => word !== '' && all.indexOf(word) === index);

export const SEARCH_OPTIONS = {
  fuzzy: 0.2,
  prefix: true,
  boost: { title: 4, text: 2, titles: 1 },
  // Pages that were written come before generated ones.
  boostDocument: (/** @type {string} */ id) => (id.includes('/api/') ? 0.3 : 1),
};
