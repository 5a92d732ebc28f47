#!/bin/bash
# A proxy with a primary and a backup.  A call is up when the line to the primary dies:
# nothing comes from there any more, the caller hears nothing and sends on, and nobody but
# the proxy answers his BYE.  Two more calls fail at the primary after two seconds without an
# answer and go to the backup; then the proxy has noticed and the fourth goes there at
# once.  The line is restored, the pings are answered again, and the fifth call is at the
# primary.
. "$(dirname "$0")/failover.inc"

cut_line() {
	ip netns exec "$(netns gateway)" iptables "$1" FORWARD -j DROP
	date +%s.%6N
}

failover_start
sleep 2.5
CODE=408 call_nr 1 caller_abandoned 9000 &
in_progress=$!
PIDS+=("$in_progress")
sleep 2
dead=$(cut_line -I)
sleep 0.3
started=$SECONDS
call_nr 2 caller 2000 &
second=$!
PIDS+=("$second")
call_nr 3 caller 2000
wait $second
until_event down
call_nr 4 caller 2000
wait $in_progress
restored=$(cut_line -D)
until_event up
call_nr 5 caller 2000
# Well past timer B of the INVITEs that the proxy gave up: nobody can answer them any more.
sleep $((started + 40 - SECONDS))
record_stop

failover_facts >"$WORK/known.json" <<-FACTS
{"what": "the line to the primary dies and comes back; a backup takes the calls meanwhile",
 "dead_at": $dead, "restored_at": $restored,
 "in_progress": [{"sip_call_id": "$NAME-1@198.18.0.1", "fate": "one_way",
   "audio": {"forward": "ok", "reverse": "stopped"}}],
 "calls_lost": 0}
FACTS
PACKAGES="sip-tester kamailio iptables" finish <"$WORK/known.json"
