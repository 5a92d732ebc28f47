#!/bin/bash
# A call to somebody who is on the phone: 100, then 486.
. "$(dirname "$0")/common.sh"

lan caller callee
record
PROGRESS="100 Trying" RING_MS=300 STATUS="486 Busy Here" sipp_start callee callee_refuses \
	-i "${ADDR[callee]}" -p 5060
CODE=486 sipp_at caller caller_refused -i "${ADDR[caller]}" -p 5060 \
	-s bob -cid_str "busy-1@198.18.0.1" "${ADDR[callee]}:5060"

PACKAGES="sip-tester" finish <<-'FACTS'
{
 "what": "486 after 0.3 s, without ringing",
 "legs": [{"src": "198.18.0.1", "dst": "198.18.0.2", "sip_call_id": "busy-1@198.18.0.1",
   "status": 486, "state": "failed", "ended_by": null, "codecs": []}],
 "streams": []
}
FACTS
