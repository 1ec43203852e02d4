// NESlink's example of processes: who lives in a namespace.
import { Do, NADeleteNamed, NAExecNescript, NANewNs, NPName, NPNow } from 'neslink';
import { NAGetProcesses } from 'neslink/process';
import { Script } from 'neslink/script';

const [, shell] = await Do(NPNow(), NANewNs('example'), NAExecNescript(new Script('yes > /dev/null & wait')));
const [tasks] = await Do(NPName('example'), NAGetProcesses(), NADeleteNamed('example'));
console.log(tasks.map(({ process, rootTask }) => ({ process, rootTask })));
shell.kill();
await shell.result();
