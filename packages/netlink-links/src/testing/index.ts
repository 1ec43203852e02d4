export { linkFixture } from './link-fixture.js';
export {
  type AnswerOf,
  type ExecutedOperation,
  type OperationName,
  ScriptError,
  type ScriptedNetlink,
  type ScriptStep,
  scriptedNetlink,
} from './scripted-netlink.js';
