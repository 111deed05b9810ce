# ./weir completion bash|zsh|fish: what a shell needs to complete the words of ./weir. Sourced by the launcher.
#
# What it prints asks the launcher at each TAB (./weir __complete WORD...: all words after "weir", the last one begun or
# empty; prints one candidate a line). So what is completed is what the commands say of themselves: their names are the
# launcher's list, their options those of their --help, which is made from the options that they take.

completion_usage() {
  cat <<'TEXT'
Usage: weir completion SHELL
Prints what a shell needs to complete commands and options. SHELL is bash, zsh or fish.

  bash   in ~/.bashrc:                   source <(weir completion bash)
  zsh    in ~/.zshrc, after compinit:    source <(weir completion zsh)
  fish   in ~/.config/fish/config.fish:  weir completion fish | source

As kubectl's plugin it is completed by kubectl, which finds kubectl_complete-weir in the PATH.

Exit status: 0: done; 2: wrong usage.
TEXT
}

completion_bash() {
  cat <<BASH
_weir() {
  local IFS=\$'\n'
  COMPREPLY=(\$("$home/weir" __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  [[ \${COMPREPLY[0]-} != *= ]] || compopt -o nospace
}
complete -o default -F _weir weir
BASH
}

completion_zsh() {
  cat <<ZSH
_weir() {
  local -a found
  found=(\${(f)"\$("$home/weir" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( \$#found )); then compadd -- \$found; else _files; fi
}
compdef _weir weir
ZSH
}

completion_fish() {
  cat <<FISH
complete -c weir -a '("$home/weir" __complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
FISH
}

# The help of command $1, kept beside the programs: they are new when it is.
completion_help() {
  local kept
  kept=$(programs 2>/dev/null)/help/$1
  if [ ! -e "$kept" ]; then
    # Nobody waits a minute for a TAB: what is not built is not asked.
    ! stale || return 0
    mkdir -p "${kept%/*}" 2>/dev/null && [ -w "${kept%/*}" ] || { "$home/weir" "$1" --help; return; }
    "$home/weir" "$1" --help >"$kept.$$" && mv "$kept.$$" "$kept"
  fi
  cat "$kept"
}

# The long options of command $1, those with a value with an equals sign behind.
completion_options() {
  completion_help "$1" | sed -nE 's/^ +(-[A-Za-z], )?(--[a-z][a-z-]*)(=?).*/\2\3/p' | sort -u
  # Those of a cluster are another program's than those of a folder.
  case $1 in status | config) completion_options "proxy-$1" ;; esac
}

# Those of the words $2... that begin with $1.
completion_begin() {
  local begun=$1 word
  shift
  for word; do
    [[ $word != "$begun"* ]] || echo "$word"
  done
}

completion_words() {
  local words=("$@") begun option command
  # bash parts words at =: --output = js.
  begun=${words[-1]-}
  option=""
  if [ $# -ge 2 ]; then
    option=${words[-2]}
    if [ "$begun" = = ]; then
      begun=""
    elif [ "$option" = = ] && [ $# -ge 3 ]; then
      option=${words[-3]}
    fi
  fi
  if [ $# -le 1 ]; then
    # shellcheck disable=SC2086 # words
    completion_begin "$begun" $commands proxy-status proxy-config --help --version
    return
  fi
  command=${words[0]}
  case " $commands proxy-status proxy-config " in *" $command "*) ;; *) return ;; esac
  case $option in
    -o | --output) completion_begin "$begun" table json yaml; return ;;
    --profile) completion_begin "$begun" default edge; return ;;
  esac
  case $begun in
    --output=*) completion_begin "$begun" --output={table,json,yaml}; return ;;
    --profile=*) completion_begin "$begun" --profile={default,edge}; return ;;
    -*)
      # shellcheck disable=SC2046 # words
      completion_begin "$begun" $(completion_options "$command")
      return ;;
  esac
  # shellcheck disable=SC2086 # words
  case $command in
    help) completion_begin "$begun" $commands ;;
    completion) completion_begin "$begun" bash zsh fish ;;
    config | proxy-config) [ $# -lt 3 ] || completion_begin "$begun" listeners routes clusters endpoints ;;
  esac
}

completion_main() {
  if [ "$command" = __complete ]; then
    completion_words "$@"
    return 0
  fi
  case "${1-}:$#" in
    bash:1) completion_bash ;;
    zsh:1) completion_zsh ;;
    fish:1) completion_fish ;;
    --help:1 | -h:1) completion_usage ;;
    *)
      echo "weir completion: give bash, zsh or fish; see weir completion --help" >&2
      exit 2 ;;
  esac
}

completion_main "$@"
