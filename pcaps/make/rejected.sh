#!/bin/bash
# Two calls that are refused: 403 at once, and 603 after it rang.
. "$(dirname "$0")/common.sh"

lan caller callee
record
call() {
	PROGRESS="$2" PROGRESS_TAG="$3" RING_MS=$4 STATUS="$5" \
		sipp_start callee callee_refuses -i "${ADDR[callee]}" -p 5060
	CODE=${5%% *} sipp_at caller caller_refused -i "${ADDR[caller]}" -p 5060 \
		-s bob -cid_str "$1" "${ADDR[callee]}:5060"
	wait $!
}
call "rejected-1@198.18.0.1" "100 Trying" "" 20 "403 Forbidden"
call "rejected-2@198.18.0.1" "180 Ringing" ";tag=refuses-1" 2000 "603 Decline"

PACKAGES="sip-tester" finish <<-'FACTS'
{
 "what": "two calls: 403 without ringing, 603 after 2 s of ringing",
 "legs": [
  {"src": "198.18.0.1", "dst": "198.18.0.2", "sip_call_id": "rejected-1@198.18.0.1",
   "status": 403, "state": "failed", "ended_by": null, "codecs": [], "call": 0},
  {"src": "198.18.0.1", "dst": "198.18.0.2", "sip_call_id": "rejected-2@198.18.0.1",
   "status": 603, "state": "failed", "ended_by": null, "codecs": [], "call": 1}],
 "streams": []
}
FACTS
