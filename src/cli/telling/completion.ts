/** A command as a shell completes it. */
export interface Completed {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly { readonly flag: string; readonly description: string; readonly takesValue: boolean }[];
  /** Words that may follow it; null: the names of backends. */
  readonly words: readonly string[] | null;
}

export type Shell = 'bash' | 'zsh' | 'fish';

/** Asked by the scripts for the names of the backends, wherever they run. */
const NAMES = 'lifeguard completion names 2>/dev/null';

/** What a shell has to read to complete `lifeguard`. */
export function completionScript(shell: Shell, commands: readonly Completed[]): string {
  return { bash, zsh, fish }[shell](commands);
}

function bash(commands: readonly Completed[]): string {
  const cases = commands.map(({ name, options, words }) => {
    const flags = options.map(({ flag }) => flag).join(' ');
    return `    ${name}) options='${flags}'; words="${words === null ? `$(${NAMES})` : words.join(' ')}" ;;`;
  });
  return `# bash: eval "$(lifeguard completion bash)", or into /etc/bash_completion.d/lifeguard
_lifeguard() {
  local current="\${COMP_WORDS[COMP_CWORD]}" options='' words=''
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W '${commands.map(({ name }) => name).join(' ')}' -- "$current")
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  case "$current" in
    -*) mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current") ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current") ;;
  esac
}
complete -o default -F _lifeguard lifeguard`;
}

function zsh(commands: readonly Completed[]): string {
  const described = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary.replaceAll(':', ',')}`)}`);
  const cases = commands.map(({ name, options, words }) => {
    const flags = options.map(({ flag, description }) => quoted(`${flag}:${description.replaceAll(':', ',')}`)).join(' ');
    return `    ${name}) options=(${flags}); names=(${words === null ? `\${(f)"$(${NAMES})"}` : words.map(quoted).join(' ')}) ;;`;
  });
  return `#compdef lifeguard
# zsh: source <(lifeguard completion zsh), or into a folder of $fpath as _lifeguard
_lifeguard() {
  local chosen=$words[2]
  local -a commands options names
  commands=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case $chosen in
${cases.join('\n')}
  esac
  if [[ $PREFIX == -* ]]; then _describe option options; else compadd -a names; fi
}
compdef _lifeguard lifeguard`;
}

function fish(commands: readonly Completed[]): string {
  const names = commands.map(({ name }) => name).join(' ');
  const lines = commands.flatMap(({ name, summary, options, words }) => {
    const here = `-n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c lifeguard -n 'not __fish_seen_subcommand_from ${names}' -f -a ${name} -d ${quoted(summary)}`,
      `complete -c lifeguard ${here} -f -a ${words === null ? `'(${NAMES})'` : quoted(words.join(' '))}`,
      ...options.map(
        ({ flag, description, takesValue }) =>
          `complete -c lifeguard ${here} -l ${flag.slice(2)} ${takesValue ? '-r ' : ''}-d ${quoted(description)}`,
      ),
    ];
  });
  return ['# fish: lifeguard completion fish | source, or into ~/.config/fish/completions/lifeguard.fish', ...lines].join('\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
