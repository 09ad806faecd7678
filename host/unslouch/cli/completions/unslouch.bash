# bash completion for unslouch
_unslouch() {
    local line="${COMP_LINE:0:COMP_POINT}" word meaning
    local -a words
    read -ra words <<< "$line"
    [[ "$line" == *[[:space:]] ]] && words+=("")
    local current="${words[${#words[@]} - 1]}"
    # bash completes what comes after the last of COMP_WORDBREAKS, such as the colons of an address.
    local kept="${current%"${current##*[:=]}"}"
    COMPREPLY=()
    while IFS=$'\t' read -r word meaning; do
        [[ "$word" == ":file" ]] && return  # bash completes names of files where nothing else is offered
        word="${word#"$kept"}"
        COMPREPLY+=("$(printf '%q' "$word")")
    done < <("$1" completion words -- "${words[@]:1}" 2>/dev/null)
}
complete -o default -F _unslouch unslouch
