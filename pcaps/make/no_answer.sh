#!/bin/bash
# Two calls that ring and are not answered: one ends with 480, one with 408.
. "$(dirname "$0")/common.sh"

lan caller callee
record
call() {
	PROGRESS="180 Ringing" PROGRESS_TAG=";tag=refuses-1" RING_MS=4000 STATUS="$2" \
		sipp_start callee callee_refuses -i "${ADDR[callee]}" -p 5060
	CODE=${2%% *} sipp_at caller caller_refused -i "${ADDR[caller]}" -p 5060 \
		-s bob -cid_str "$1" "${ADDR[callee]}:5060"
	wait $!
}
call "no-answer-1@198.18.0.1" "480 Temporarily Unavailable"
call "no-answer-2@198.18.0.1" "408 Request Timeout"

PACKAGES="sip-tester" finish <<-'FACTS'
{
 "what": "two calls, each with 180 and after 4 s of ringing 480 or 408 from the other side",
 "legs": [
  {"src": "198.18.0.1", "dst": "198.18.0.2", "sip_call_id": "no-answer-1@198.18.0.1",
   "status": 480, "state": "no_answer", "ended_by": null, "codecs": [], "call": 0},
  {"src": "198.18.0.1", "dst": "198.18.0.2", "sip_call_id": "no-answer-2@198.18.0.1",
   "status": 408, "state": "no_answer", "ended_by": null, "codecs": [], "call": 1}],
 "streams": []
}
FACTS
