// NESlink's example of a script: it outlives the name of the namespace that it runs in.
import { Do, NADeleteNamed, NAExecNescript, NANewNs, NPNow } from 'neslink';
import { Script } from 'neslink/script';

const script = new Script('sleep 0.2 && {{.Command}} address show')
  .withField('Command', 'ip')
  .withLocalOSEnv()
  .mustCompile();
const [, process] = await Do(NPNow(), NANewNs('example'), NAExecNescript(script), NADeleteNamed('example'));
const { stdout } = await process.result();
console.log(`Command Output:\n${stdout}`);
