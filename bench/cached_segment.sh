#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# How fast a cached segment is served, as a ratio to nginx: same file, same machine, both measured with wrk, in
# turns so that other load hits both. Prints the median ratio of several rounds for each case.
# Usage: cached_segment.sh <build folder>     (ROUNDS=5 SECONDS_EACH=3 SIZE_KIB=1024 by default)
# With MINIMUM=0.95 it fails when the 1-worker ratio of any case is below that.
set -euo pipefail

build=${1:?usage: cached_segment.sh <build folder>}
rounds=${ROUNDS:-5}
seconds=${SECONDS_EACH:-3}
size_kib=${SIZE_KIB:-1024}
minimum=${MINIMUM:-0}
work=$(mktemp -d)
chmod 755 "$work" # nginx's workers may run as another user
children=()
# shellcheck disable=SC2317 # called by the trap
cleanup() {
    for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT

head -c "$((size_kib * 1024))" /dev/urandom >"$work/segment.m4s"

# A port that is free now; nginx cannot choose one itself.
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

start_nginx() { # workers
    local port
    port=$(free_port)
    cat >"$work/nginx$1.conf" <<CONF
worker_processes $1;
daemon off;
pid $work/nginx$1.pid;
error_log $work/error.log;
events { worker_connections 1024; }
http {
    access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 1000000; open_file_cache max=10;
    types { video/mp4 m4s; }
    client_body_temp_path $work/body; proxy_temp_path $work/proxy; fastcgi_temp_path $work/fastcgi;
    uwsgi_temp_path $work/uwsgi; scgi_temp_path $work/scgi;
    server { listen 127.0.0.1:$port; root $work; }
}
CONF
    nginx -c "$work/nginx$1.conf" -e "$work/error.log" &
    children+=($!)
    nginx_port=$port
}

start_nginx 1
one_pid=$!
one_worker="http://127.0.0.1:$nginx_port/segment.m4s"
start_nginx 2
two_workers="http://127.0.0.1:$nginx_port/segment.m4s"
"$build/bench/serve-cached" "$work/segment.m4s" >"$work/port" &
our_pid=$!
children+=("$our_pid")
for _ in $(seq 100); do
    [ -s "$work/port" ] && curl -so /dev/null "$one_worker" && curl -so /dev/null "$two_workers" && break
    sleep 0.05
done
ours="http://127.0.0.1:$(cat "$work/port")"
for url in "$ours/bytes" "$ours/file" "$one_worker" "$two_workers"; do
    cmp <(curl -s "$url") "$work/segment.m4s"
done

rate() { # connections url
    wrk -t1 -c"$1" -d"${seconds}s" "$2" | awk '/Requests\/sec/ {print $2}'
}
# Clock ticks of processor time that a process and its children (nginx's workers) have used.
ticks() { # pid
    for pid in "$1" $(pgrep -P "$1"); do awk '{print $14 + $15}' "/proc/$pid/stat"; done | awk '{sum += $1} END {print sum}'
}
# Requests per second of wrk, and the server's processor time per request, which other load disturbs less.
measure() { # connections url pid
    local before after per_second
    before=$(ticks "$3")
    per_second=$(rate "$1" "$2")
    after=$(ticks "$3")
    awk "BEGIN {print $per_second, ($after - $before) / ($per_second * $seconds)}"
}
median() { sort -g | awk '{v[NR] = $1} END {print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }

failed=0
printf '%-12s %-6s %12s %13s %13s %22s\n' connections body "ours req/s" "to 1 worker" "to 2 workers" "processor to 1 worker"
for connections in 8 64; do
    for body in bytes file; do
        : >"$work/own"; : >"$work/one"; : >"$work/two"; : >"$work/cost"
        for _ in $(seq "$rounds"); do
            read -r own own_cost <<<"$(measure "$connections" "$ours/$body" "$our_pid")"
            read -r one one_cost <<<"$(measure "$connections" "$one_worker" "$one_pid")"
            two=$(rate "$connections" "$two_workers")
            echo "$own" >>"$work/own"
            awk "BEGIN {print $own / $one}" >>"$work/one"
            awk "BEGIN {print $own / $two}" >>"$work/two"
            awk "BEGIN {print $own_cost / $one_cost}" >>"$work/cost"
        done
        ratio=$(median <"$work/one")
        printf '%-12s %-6s %12s %13.2f %13.2f %22.2f\n' "$connections" "$body" "$(median <"$work/own")" "$ratio" \
            "$(median <"$work/two")" "$(median <"$work/cost")"
        awk "BEGIN {exit !($ratio < $minimum)}" && failed=1
    done
done
exit "$failed"
