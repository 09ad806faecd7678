# fish completion for unslouch
function __unslouch_offered
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l offered ($words[1] completion words -- $words[2..-1] "$current" 2>/dev/null)
    if test "$offered[1]" = ":file"
        __fish_complete_path "$current"
    else
        string join \n -- $offered
    end
end
complete -c unslouch -f -a "(__unslouch_offered)"
