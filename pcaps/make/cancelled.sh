#!/bin/bash
# A call that the caller gives up while it rings: 180, CANCEL, 487.
. "$(dirname "$0")/common.sh"

lan caller callee
record
sipp_start callee callee_cancelled -i "${ADDR[callee]}" -p 5060
RING_MS=2500 sipp_at caller caller_cancels -i "${ADDR[caller]}" -p 5060 \
	-s bob -cid_str "cancelled-1@198.18.0.1" "${ADDR[callee]}:5060"

PACKAGES="sip-tester" finish <<-'FACTS'
{
 "what": "CANCEL after 2.5 s of ringing",
 "legs": [{"src": "198.18.0.1", "dst": "198.18.0.2", "sip_call_id": "cancelled-1@198.18.0.1",
   "status": 487, "state": "cancelled", "ended_by": "caller", "codecs": []}],
 "streams": []
}
FACTS
