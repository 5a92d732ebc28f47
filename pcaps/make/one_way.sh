#!/bin/bash
# A call in which only the caller's speech arrives.  Nobody listens on the media port, so
# ICMP errors that quote RTP come back; they are no second stream.
. "$(dirname "$0")/common.sh"

lan caller callee
media caller.pcap --ssrc 0xa1000018 --sequence 100 --packets 200 --hertz 440
record 'udp or icmp'
RING_MS=500 sipp_start callee callee_silent -i "${ADDR[callee]}" -p 5060 -mp 6000
TALK_MS=4300 sipp_at caller caller -i "${ADDR[caller]}" -p 5060 -mp 4000 \
	-s bob -cid_str "one-way-1@198.18.0.1" "${ADDR[callee]}:5060"

PACKAGES="sip-tester" finish <<-'FACTS'
{
 "what": "both sides offered sendrecv, only the caller's stream exists",
 "frames_at_least": {"icmp": 1},
 "legs": [{"src": "198.18.0.1", "dst": "198.18.0.2", "sip_call_id": "one-way-1@198.18.0.1",
   "status": 200, "state": "completed", "ended_by": "caller", "codecs": ["PCMA"],
   "directions": ["forward"],
   "audio": {"forward": "closed_port", "reverse": "none"}}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "198.18.0.1", "dst": "198.18.0.2",
   "ssrc": "0xa1000018", "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": 200}]
}
FACTS
