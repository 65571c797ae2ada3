# Functions for .ci/run and .ci/long: stages with a printed time budget.
# Sourced, never run.

stage_started=0

# stage NAME BUDGET_SECONDS COMMAND…: runs the command, says how long it took
# of its budget, and ends the script when it fails.
stage() {
    local name=$1 budget=$2
    shift 2
    printf '\n== %s (budget %s s)\n' "$name" "$budget"
    stage_started=$(date +%s)
    if ! "$@"; then
        printf '== %s FAILED after %s s\n' "$name" "$(($(date +%s) - stage_started))"
        exit 1
    fi
    local took=$(($(date +%s) - stage_started))
    printf '== %s: %s of %s s\n' "$name" "$took" "$budget"
    if [ "$took" -gt "$budget" ]; then
        printf '== %s is over its budget\n' "$name"
    fi
}

# Installs the Debian packages a new machine lacks.
install_packages() {
    local missing=()
    for package in "$@"; do
        dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -yq \
        --no-install-recommends "${missing[@]}" >/dev/null
}

# A folder in memory where there is one with room, for files that need no disk:
# what it adds to ten thousand databases is waiting.
roomy_folder() {
    local room
    room=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
    if [ -w /dev/shm ] && [ "${room:-0}" -gt 1000000 ]; then
        printf '/dev/shm'
    else
        printf '%s' "${TMPDIR:-/tmp}"
    fi
}

# demonstrate COMMAND…: does the main job on the example with `cna`, called by
# this command, and has an independent validator look at its record.
demonstrate() {
    local output
    output=$(mktemp -d) || return 1
    "$@" demo --exit --output "$output" || return 1
    python3 .ci/check_record.py "$output"/CVE-*.json || return 1
    rm -rf "$output"
}

# Starts a PostgreSQL of our own in a temporary folder, with the durability a
# real one has, and names it in CNA_TEST_POSTGRES. Ended by stop_postgres.
start_postgres() {
    pg_folder=$(mktemp -d)
    local bin
    bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin | sort -V | tail -n 1)
    local owner=()
    # The server refuses to run as root.
    if [ "$(id -u)" = 0 ]; then
        chown postgres "$pg_folder"
        owner=(runuser -u postgres --)
    fi
    pg_ctl=("${owner[@]}" "$bin/pg_ctl" -D "$pg_folder/data")
    local port=$((20000 + RANDOM % 20000))
    (cd / && "${owner[@]}" "$bin/initdb" -D "$pg_folder/data" -U cna --auth=trust \
        --encoding=UTF8 >/dev/null) || return 1
    local options="-p $port -c listen_addresses=127.0.0.1 -c max_connections=200"
    options+=" -c unix_socket_directories=$pg_folder"
    (cd / && "${pg_ctl[@]}" -w -o "$options" -l "$pg_folder/log" start >/dev/null) || return 1
    (cd / && "${owner[@]}" "$bin/createdb" -h 127.0.0.1 -p "$port" -U cna cna) || return 1
    export CNA_TEST_POSTGRES="postgres://cna@127.0.0.1:$port/cna"
}

stop_postgres() {
    [ -n "${pg_folder:-}" ] || return 0
    (cd / && "${pg_ctl[@]}" -m immediate stop >/dev/null 2>&1)
    rm -rf "$pg_folder"
}
