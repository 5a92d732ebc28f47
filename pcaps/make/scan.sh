#!/bin/bash
# Somebody looks for what there is: OPTIONS to a hundred addresses of which two answer, then
# at the registrar REGISTER for the extensions 980 to 1019, of which those from 1000 on
# exist, and INVITE to 20 of them.  Recorded where it comes in.
. "$(dirname "$0")/common.sh"

lan registrar phone gateway
behind gateway scanner
# Nobody there: the gateway's ICMP errors say so.  Asking for a hundred addresses at once
# needs room, and to ask once is enough.
ip netns exec "$(netns gateway)" sh -c 'echo 1 >/proc/sys/net/ipv4/neigh/eth0/mcast_solicit'
kamailio_start registrar auth.cfg -A NUMBERS
sipp_serve phone answers_options
record_at gateway eth1 $NAME.pcap
on scanner python3 "$MAKE/attacker.py" "${ADDR[scanner]}" "${ADDR[registrar]}" \
	'sweep 198.18.0.1 198.18.0.100' 'extensions REGISTER 980 1019' \
	'extensions INVITE 1000 1019' >"$WORK/scanner.json"
record_stop

python3 "$MAKE/attack.py" 'addresses and extensions are tried one after the other' \
	"${ADDR[registrar]}" "${ADDR[scanner]}=$WORK/scanner.json" >"$WORK/$NAME.facts"
PACKAGES="sip-tester kamailio" finish <"$WORK/$NAME.facts"
