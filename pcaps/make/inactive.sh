#!/bin/bash
# Hold as RFC 3264 has it for both ways: a re-INVITE with a=inactive, 3 s without media that
# nobody lacks, and a re-INVITE with a=sendrecv; the same streams go on.
. "$(dirname "$0")/common.sh"

lan caller callee
for side in caller callee; do
	ssrc=0xa1000021
	[ $side = caller ] || ssrc=0xb2000021
	media $side.pcap --ssrc $ssrc --sequence 100 --packets 100
	media ${side}2.pcap --ssrc $ssrc --sequence 100 --skip 100 --packets 90
done
record
RING_MS=500 sipp_start callee callee_inactive -i "${ADDR[callee]}" -p 5060 -mp 6000
TALK_MS=2100 HOLD_MS=3000 sipp_at caller caller_inactive -i "${ADDR[caller]}" -p 5060 \
	-mp 4000 -s bob -cid_str "inactive-1@198.18.0.1" "${ADDR[callee]}:5060"

PACKAGES="sip-tester" finish <<-'FACTS'
{
 "what": "media inactive for 3 s by agreement",
 "legs": [{"src": "198.18.0.1", "dst": "198.18.0.2", "sip_call_id": "inactive-1@198.18.0.1",
   "status": 200, "state": "completed", "ended_by": "caller", "codecs": ["PCMA"],
   "audio": {"forward": "ok", "reverse": "ok"}}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "198.18.0.1", "dst": "198.18.0.2",
   "ssrc": "0xa1000021", "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": 190},
  {"leg": 0, "direction": "reverse", "src": "198.18.0.2", "dst": "198.18.0.1",
   "ssrc": "0xb2000021", "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": 190}]
}
FACTS
