#!/bin/bash
# A proxy with a primary and a backup.  The primary begins to refuse everything with 503,
# pings too: two calls are refused and go on to the backup, then the proxy has noticed and
# the fourth goes there at once.  The primary recovers, and the fifth call is there again.
. "$(dirname "$0")/failover.inc"

# serve_primary SCENARIO: another program takes the primary's place.
serve_primary() {
	kill "$primary_pid"
	wait "$primary_pid" || true
	STATUS='503 Service Unavailable' TAG=primary RING_MS=300 sipp_serve primary "$1" -mp 6000
	primary_pid=$!
	date +%s.%6N
}

failover_start
sleep 2.5
call_nr 1 caller 1500
serve_primary server_refuses >"$WORK/refuses"
call_nr 2 caller 1500 &
second=$!
PIDS+=("$second")
call_nr 3 caller 1500
wait $second
until_event down
call_nr 4 caller 1500
serve_primary server >"$WORK/serves"
until_event up
call_nr 5 caller 1500
sleep 1
record_stop

failover_facts >"$WORK/known.json" <<-FACTS
{"what": "the primary refuses with 503 for a while; a backup takes the calls meanwhile",
 "refuses_at": $(<"$WORK/refuses"), "serves_at": $(<"$WORK/serves"), "in_progress": [],
 "calls_lost": 0}
FACTS
PACKAGES="sip-tester kamailio" finish <"$WORK/known.json"
