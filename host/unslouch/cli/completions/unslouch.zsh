#compdef unslouch
# zsh completion for unslouch
_unslouch() {
    local line
    local -a offered
    for line in "${(@f)$("${words[1]}" completion words -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
        [[ "$line" == ":file" ]] && { _files; return }
        [[ -n "$line" ]] && offered+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    done
    _describe 'unslouch' offered
}
if [[ "$funcstack[1]" == "_unslouch" ]]; then
    _unslouch "$@"
else
    compdef _unslouch unslouch
fi
