# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Sourced: shows how far long work is. A terminal gets one line that is rewritten every half second,
# anything else a new line every 5 s. COSTRIX_PROGRESS_PAUSE is another number of seconds.

progress_pause=${COSTRIX_PROGRESS_PAUSE:-5} # seconds
progress_tty=''
[ ! -t 2 ] || progress_tty=1

elapsed() { printf '%d:%02d' $((($2 - $1) / 60)) $((($2 - $1) % 60)); }

# Percentage and step in the last lines of a log of Ninja's, apt's or debootstrap's, separated by a tab.
last_step() {
    tail -n 20 "$1" 2>/dev/null | awk '
        /^\[[0-9]+\/[0-9]+\] / {
            split(substr($1, 2), done, /[\/\]]/)
            percent = int(100 * done[1] / done[2]) " %"
            step = substr($0, length($1) + 2)
            if (match(step, /CMakeFiles\/[^\/]+\.dir\//))
                step = "compiling " substr(step, RSTART + 11, RLENGTH - 16)
            step = step " (" done[1] " of " done[2] ")"
        }
        /^(dl|pm)status:/ {
            split($0, field, ":")
            percent = int(field[3]) " %"
            step = field[1] == "dlstatus" ? "downloading" : "unpacking " field[2]
        }
        /^I: / { percent = ""; step = substr($0, 4) }
        END { print (percent ? percent : "-") "\t" (step ? step : "starting") }'
}

# Shows the progress of LABEL, whose log is LOG, until it is killed or this script has ended.
show_progress() {
    local label=$1 log=$2 began=$SECONDS pause=$progress_pause percent step
    [ -z "$progress_tty" ] || pause=0.5
    # What sleeps on after that holds no descriptor of the caller's.
    while sleep "$pause" >/dev/null 2>&1 9>&- && kill -0 $$ 2>/dev/null; do
        IFS=$'\t' read -r percent step < <(last_step "$log") || true
        if [ -n "$progress_tty" ]; then
            printf '\r\033[K%.*s' $((${COLUMNS:-80} - 1)) \
                "$label  ${percent#-}  $(elapsed "$began" "$SECONDS")  $step" >&2
        else
            [ "$percent" = - ] && percent='' || percent+=', '
            echo "$label: $percent$(elapsed "$began" "$SECONDS"), $step" >&2
        fi
    done
}

# Runs COMMAND, whose output is appended to LOG: with_progress LABEL LOG COMMAND...
with_progress() {
    local label=$1 log=$2 status=0 began=$SECONDS watcher
    shift 2
    show_progress "$label" "$log" &
    watcher=$!
    "$@" >>"$log" 2>&1 </dev/null || status=$?
    kill "$watcher" 2>/dev/null || true
    wait "$watcher" 2>/dev/null || true
    [ -z "$progress_tty" ] || printf '\r\033[K' >&2
    [ "$status" -ne 0 ] || echo "$label: done in $(elapsed "$began" "$SECONDS")" >&2
    return "$status"
}

# Copies ctest's output, and says after a pause of silence how far it is and what is running.
follow_tests() {
    local line part='' status began=$SECONDS done_of='0 %' text
    declare -A running=()
    while true; do
        status=0
        IFS= read -r -t "$progress_pause" part || status=$?
        line+=$part
        if [ "$status" -gt 128 ]; then
            [ ${#running[@]} -eq 0 ] || text="running ${running[*]}"
            printf 'tests: %s, %s, %.100s\n' "$done_of" "$(elapsed "$began" "$SECONDS")" "${text:-starting}" >&2
            continue
        fi
        [ -z "$line" ] && [ "$status" -ne 0 ] && break
        printf '%s\n' "$line"
        if [[ $line =~ ^\ *Start\ +([0-9]+):\ (.*) ]]; then
            running[${BASH_REMATCH[1]}]=${BASH_REMATCH[2]}
        elif [[ $line =~ ^\ *([0-9]+)/([0-9]+)\ Test\ +#([0-9]+): ]]; then
            unset "running[${BASH_REMATCH[3]}]"
            done_of="$((100 * BASH_REMATCH[1] / BASH_REMATCH[2])) % (${BASH_REMATCH[1]} of ${BASH_REMATCH[2]})"
        fi
        line=''
    done
}
