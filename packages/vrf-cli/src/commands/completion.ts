import type { Command } from 'commander';
import { usage } from '../failure.js';
import { printLine } from '../output/print.js';

export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('print a script that completes commands, options and VRFs in a shell')
    .argument('[shell]', 'bash', 'bash')
    .addHelpText('after', '\nExample:\n  $ source <(vrf completion bash)\n')
    .action((shell: string) => {
      if (shell !== 'bash') throw usage(`there is a completion for bash only, not for '${shell}'`);
      printLine(bashScript(program));
    });
  program
    .command('completion-names', { hidden: true })
    .description('print the names of the VRFs, for the completion')
    .action(async () => {
      const { listVrfs } = await import('vrf-dial/node');
      for (const { name } of listVrfs()) if (/^[\w.@:+-]+$/.test(name)) printLine(name);
    });
}

function bashScript(program: Command): string {
  const commands = program.commands.filter((command) => !command.name().startsWith('completion-'));
  const cases = commands.map((command) => {
    const options = [
      ...command.options.filter(({ hidden }) => !hidden).flatMap(({ short, long }) => [short, long]),
      '--help',
    ];
    return `    ${command.name()}) words='${options.filter((option) => option !== undefined).join(' ')}' ;;`;
  });
  return `_vrf() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words=''
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${commands.map((command) => command.name()).join(' ')} --help --version' -- "$current"))
    return
  fi
  case "$current" in
  -*)
    case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    return
    ;;
  esac
  if [ "$previous" = --vrf ] || [ "$COMP_CWORD" -eq 2 ]; then
    COMPREPLY=($(compgen -W "$("\${COMP_WORDS[0]}" completion-names 2>/dev/null)" -- "$current"))
  elif [ "$previous" = --cacert ]; then
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
complete -o default -F _vrf vrf`;
}
