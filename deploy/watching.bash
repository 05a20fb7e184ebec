# For scripts that start programs in the background and wait for what they do. Sourced, with `programs` (their
# process ids), `folder` (their logs) and `patience` (seconds for each step).
# shellcheck shell=bash disable=SC2154

give_up() {
    echo "$0: $1" >&2
    for log in "$folder"/*.log; do
        echo "--- the end of $(basename "$log")" >&2
        tail -n 20 "$log" >&2
    done
    exit 1
}

# wait_for WHAT COMMAND...: until the command succeeds.
wait_for() {
    local what=$1 end=$((SECONDS + patience))
    shift
    until "$@"; do
        for program in "${programs[@]}"; do
            kill -0 "$program" 2>/dev/null || give_up "a program ended while waiting until $what."
        done
        ((SECONDS < end)) || give_up "waited $patience s in vain until $what."
        sleep 0.05
    done
}

# free_port FIRST: the first port of loopback from there on that nobody listens on.
free_port() {
    local port=$1
    while (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
    echo "$port"
}
