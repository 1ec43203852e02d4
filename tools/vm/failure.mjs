/** Something that the person running the tests can put right: shown without a stack. */
export class VmFailure extends Error {
  name = 'VmFailure';
}
