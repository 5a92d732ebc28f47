#!/bin/bash
# A call that begins with PCMU and goes on with PCMA after a re-INVITE; on either side the
# stream goes on with the same SSRC, sequence numbers and timestamps.
. "$(dirname "$0")/common.sh"

lan caller callee
for side in caller callee; do
	ssrc=0xa1000011
	[ $side = caller ] || ssrc=0xb2000011
	media $side.pcap --codec PCMU --ssrc $ssrc --sequence 100 --packets 150
	media ${side}2.pcap --codec PCMA --ssrc $ssrc --sequence 100 --skip 150 --packets 140
done
record
RING_MS=800 sipp_start callee callee_codec -i "${ADDR[callee]}" -p 5060 -mp 6000
TALK_MS=3000 sipp_at caller caller_codec -i "${ADDR[caller]}" -p 5060 -mp 4000 \
	-s bob -cid_str "codec-change-1@198.18.0.1" "${ADDR[callee]}:5060"

PACKAGES="sip-tester" finish <<-'FACTS'
{
 "what": "PCMU for 3 s, then PCMA for 3 s",
 "legs": [{"src": "198.18.0.1", "dst": "198.18.0.2", "sip_call_id": "codec-change-1@198.18.0.1",
   "status": 200, "state": "completed", "ended_by": "caller", "codecs": ["PCMU", "PCMA"]}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "198.18.0.1", "dst": "198.18.0.2",
   "ssrc": "0xa1000011", "codecs": ["PCMU", "PCMA"], "clock_hz": 8000, "ptime_ms": 20,
   "sent": 290, "payload_types": {"0": 150, "8": 140}},
  {"leg": 0, "direction": "reverse", "src": "198.18.0.2", "dst": "198.18.0.1",
   "ssrc": "0xb2000011", "codecs": ["PCMU", "PCMA"], "clock_hz": 8000, "ptime_ms": 20,
   "sent": 290, "payload_types": {"0": 150, "8": 140}}]
}
FACTS
