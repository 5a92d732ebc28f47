#!/bin/bash
# RTP flows both ways, but what the callee sends is digital silence.
. "$(dirname "$0")/common.sh"

lan caller callee
media caller.pcap --ssrc 0xa1000023 --sequence 100 --packets 500 --hertz 440
media callee.pcap --ssrc 0xb2000023 --sequence 100 --packets 500 --hertz 0
record
RING_MS=500 sipp_start callee callee -i "${ADDR[callee]}" -p 5060 -mp 6000
TALK_MS=10300 sipp_at caller caller -i "${ADDR[caller]}" -p 5060 -mp 4000 \
	-s bob -cid_str "silent-1@198.18.0.1" "${ADDR[callee]}:5060"

PACKAGES="sip-tester" finish <<-'FACTS'
{
 "what": "10 s of a tone one way, of digital silence the other",
 "legs": [{"src": "198.18.0.1", "dst": "198.18.0.2", "sip_call_id": "silent-1@198.18.0.1",
   "status": 200, "state": "completed", "ended_by": "caller", "codecs": ["PCMA"],
   "audio": {"forward": "ok", "reverse": "silent"}}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "198.18.0.1", "dst": "198.18.0.2",
   "ssrc": "0xa1000023", "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": 500},
  {"leg": 0, "direction": "reverse", "src": "198.18.0.2", "dst": "198.18.0.1",
   "ssrc": "0xb2000023", "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": 500}]
}
FACTS
