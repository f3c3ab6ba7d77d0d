# SPDX-License-Identifier: MIT
# Bash completion for costrix. What there is to complete is asked of the program itself.

_costrix() {
    local word=${COMP_WORDS[COMP_CWORD]} program=${COMP_WORDS[0]} subcommand='' i
    for ((i = 1; i < COMP_CWORD; ++i)); do
        case ${COMP_WORDS[i]} in
        -*) ;;
        *) subcommand=${COMP_WORDS[i]} && break ;;
        esac
    done
    local candidates
    case ${COMP_WORDS[COMP_CWORD - 1]} in
    --scenario | --html | --output | -o)
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        return
        ;;
    esac
    if [ -z "$subcommand" ]; then
        candidates="$("$program" --help 2>/dev/null |
            sed -n '/^Subcommands:/,$s/^  \([a-z][a-z]*\) .*/\1/p') --help --version"
    elif [[ $word == -* ]]; then
        candidates=$("$program" "$subcommand" --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]*')
    else
        case $subcommand in
        call | show | replay | lint) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
        esac
        return
    fi
    mapfile -t COMPREPLY < <(compgen -W "$candidates" -- "$word" | sort -u)
}
complete -o filenames -F _costrix costrix
