#!/bin/bash
# The call of b2bua_relayed.sh; a router on the caller's side loses some of his packets
# before the recorder sees them: they are missing on both legs alike.
. "$(dirname "$0")/b2bua_relayed.inc"

lan b2bua callee gateway
behind gateway caller
CALL_ID="$NAME-1@198.18.5.1"
relay_start
drop_rtp gateway eth1
record
relayed_call
dropped=$(dropped_rtp gateway)

PACKAGES="sip-tester rtpengine-daemon iptables" finish <<-FACTS
{
 "what": "packets lost on the caller's side, before the recorder: both legs lack them",
 $(relayed_facts "$dropped" 0)
}
FACTS
