#!/bin/bash
# The call of b2bua_relayed.sh; a router in front of the relay loses some of the caller's
# packets after the recorder saw them on the first leg: only the second leg lacks them.
. "$(dirname "$0")/b2bua_relayed.inc"

lan caller callee gateway
behind gateway b2bua
relay_start
ip netns exec "$(netns gateway)" iptables -A FORWARD -i eth0 '!' -s "${ADDR[caller]}" \
	-j ACCEPT
drop_rtp gateway eth0
record
relayed_call
dropped=$(dropped_rtp gateway)

PACKAGES="sip-tester rtpengine-daemon iptables" finish <<-FACTS
{
 "what": "packets lost between the caller's leg and the second: only this one lacks them",
 $(relayed_facts 0 "$dropped")
}
FACTS
