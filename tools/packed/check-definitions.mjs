import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT, run } from '../release/workspace.mjs';

const TSSERVER = path.join(ROOT, 'node_modules/typescript/lib/tsserver.js');
const TIMEOUT_MS = 240_000;

/** The functions and classes that modules export. */
function functionsOf(specifiers, project) {
  const program = `
    const functions = {};
    for (const specifier of ${JSON.stringify(specifiers)}) {
      const all = await import(specifier);
      functions[specifier] = Object.keys(all).filter((name) => typeof all[name] === 'function');
    }
    console.log(JSON.stringify(functions));
    process.exit();`;
  const env = { ...process.env, VRF_INTERFACE: 'lo' };
  return JSON.parse(run(process.execPath, ['--input-type=module', '-e', program], project, env));
}

/** TypeScript's server, as an editor uses it. */
class Server {
  #child = spawn(process.execPath, [TSSERVER, '--disableAutomaticTypingAcquisition'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: TIMEOUT_MS,
  });
  #waiting = new Map();
  #sent = 0;

  constructor() {
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      if (!line.startsWith('{')) return;
      const message = JSON.parse(line);
      this.#waiting.get(message.request_seq)?.(message);
    });
    this.#child.on('close', () => {
      for (const answer of this.#waiting.values()) answer({ success: false, message: 'the server has ended' });
    });
  }

  tell(command, args) {
    this.#sent += 1;
    this.#child.stdin.write(`${JSON.stringify({ seq: this.#sent, type: 'request', command, arguments: args })}\n`);
    return this.#sent;
  }

  async ask(command, args) {
    const { success, message, body } = await new Promise((resolve) => {
      this.#waiting.set(this.tell(command, args), resolve);
    });
    if (!success) throw new Error(`tsserver, ${command}: ${message}`);
    return body;
  }

  close() {
    this.#child.kill();
  }
}

/**
 * Asks TypeScript's server, in a project of a user's, for the definition of each function and class that the packages
 * export: it must be in a published source, for a module and for a CommonJS file.
 *
 * @param project where the packages are installed
 * @param specifiers the subpaths that have types
 */
export async function checkDefinitions(project, specifiers) {
  const folder = path.join(project, 'definitions');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path.join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: { module: 'node16', moduleResolution: 'node16', types: ['node'], strict: true },
    }),
  );
  const uses = Object.entries(functionsOf(specifiers, project)).flatMap(([specifier, names], index) => [
    { line: `import * as module${index} from '${specifier}';` },
    ...names.map((name) => ({ line: `module${index}.${name};`, specifier, name })),
  ]);
  // A package may export what another defines.
  const owners = new Set(specifiers.map((specifier) => specifier.split('/')[0]));
  const sources = [...owners].map((owner) => path.join(project, 'node_modules', owner, 'src/'));
  const server = new Server();
  let count = 0;
  try {
    for (const file of ['uses.mts', 'uses.cts'].map((name) => path.join(folder, name))) {
      const text = uses.map(({ line }) => line).join('\n');
      writeFileSync(file, text);
      server.tell('open', { file });
      for (const [index, { line, specifier, name }] of uses.entries()) {
        if (name === undefined) continue;
        const definitions = await server.ask('definition', { file, line: index + 1, offset: line.indexOf('.') + 2 });
        const wrong = definitions.find((definition) => !sources.some((folder) => definition.file.startsWith(folder)));
        if (definitions.length === 0 || wrong !== undefined)
          throw new Error(`${path.basename(file)}: ${specifier}.${name} is defined in ${wrong?.file ?? 'no file'}`);
        count += 1;
      }
    }
  } finally {
    server.close();
  }
  console.log(`the definitions of ${count} functions and classes are found in the sources`);
}
