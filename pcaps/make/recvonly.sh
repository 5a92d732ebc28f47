#!/bin/bash
# The callee answers recvonly: it announces that it will send nothing, so nothing is missing.
. "$(dirname "$0")/common.sh"

lan caller callee
media caller.pcap --ssrc 0xa1000022 --sequence 100 --packets 150 --hertz 440
record 'udp or icmp'
RING_MS=500 EXTRA_SDP=a=recvonly sipp_start callee callee_silent -i "${ADDR[callee]}" \
	-p 5060 -mp 7000
TALK_MS=3300 sipp_at caller caller -i "${ADDR[caller]}" -p 5060 -mp 4000 \
	-s bob -cid_str "recvonly-1@198.18.0.1" "${ADDR[callee]}:5060"

PACKAGES="sip-tester" finish <<-'FACTS'
{
 "what": "a callee that only listens, as it says",
 "legs": [{"src": "198.18.0.1", "dst": "198.18.0.2", "sip_call_id": "recvonly-1@198.18.0.1",
   "status": 200, "state": "completed", "ended_by": "caller", "codecs": ["PCMA"],
   "directions": ["forward"], "audio": {"forward": "ok", "reverse": "held"}}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "198.18.0.1", "dst": "198.18.0.2",
   "ssrc": "0xa1000022", "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": 150}]
}
FACTS
