#!/bin/bash
# A proxy asks two peers with OPTIONS every two seconds, nobody calls.  One peer is always
# there. The line to the other is cut and restored; then its program dies, so that ICMP
# errors answer, and is started again.
. "$(dirname "$0")/failover.inc"

cut_line() {
	ip netns exec "$(netns gateway)" iptables "$1" FORWARD -j DROP
	date +%s.%6N
}
# until_changed N: the proxy has changed its mind about a peer N times.
until_changed() {
	local tries
	for tries in $(seq 200); do
		[ "$(grep -cE 'EVENT [0-9.]+ (up|down) ' "$WORK/kamailio.log")" -ge "$1" ] && return
		sleep 0.1
	done
	echo "$NAME: the proxy did not notice" >&2
	exit 1
}

RECORD_FILTER='udp or icmp'
failover_start
sleep 3
dead=$(cut_line -I)
until_changed 1
restored=$(cut_line -D)
until_changed 2
sleep 1
kill "$primary_pid"
wait "$primary_pid" || true
died=$(date +%s.%6N)
until_changed 3
TAG=primary sipp_serve primary server
started=$(date +%s.%6N)
until_changed 4
sleep 3
record_stop

PACKAGES="sip-tester kamailio iptables" finish <<-FACTS
{
 "what": "a peer that is asked with OPTIONS goes and comes, twice",
 "legs": [], "streams": [],
 "outages": [
  {"peer": "198.18.5.1", "by": "line cut", "from": $dead, "to": $restored},
  {"peer": "198.18.5.1", "by": "program dead", "from": $died, "to": $started}],
 "peers": $(python3 "$MAKE/failover.py" peers "$WORK/kamailio.log")
}
FACTS
