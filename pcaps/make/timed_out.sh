#!/bin/bash
# A softphone calls somebody who never answers, until its timer B ends the attempt after
# 32 s.  A ping to a third host afterwards shows that more time has passed.
. "$(dirname "$0")/common.sh"

lan caller callee other
ip netns exec "$(netns callee)" iptables -A INPUT -p udp --dport 5060 -j DROP
record
baresip_start caller "alice@${ADDR[caller]}" 440 "regint=0"
baresip_do caller dial "sip:bob@${ADDR[callee]}"
until_logged baresip.caller.log 'session closed' 400
sleep 4
sipp_start other answers_options -i "${ADDR[other]}" -p 5060
sipp_at caller options -i "${ADDR[caller]}" -p 5070 -s other \
	-cid_str "timed-out-ping@198.18.0.1" "${ADDR[other]}:5060"

PACKAGES="baresip-core sip-tester" finish <<-FACTS
{
 "what": "INVITE sent seven times in 31.5 s, no answer; the caller's timer B ends it at 32 s",
 "caller_said": "$(grep -o 'session closed.*' "$WORK/baresip.caller.log")",
 "legs": [{"src": "198.18.0.1", "dst": "198.18.0.2", "status": null, "state": "no_response",
   "ended_by": "timeout", "codecs": []}],
 "streams": []
}
FACTS
