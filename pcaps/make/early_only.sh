#!/bin/bash
# The callee plays early media and is silent from its answer on: no packet comes from it.
. "$(dirname "$0")/common.sh"

lan caller callee
media caller.pcap --ssrc 0xa1000020 --sequence 100 --packets 150 --hertz 440
media callee.pcap --ssrc 0xb2000020 --sequence 500 --packets 100 --hertz 425
record 'udp or icmp'
RING_MS=2200 sipp_start callee callee_early -i "${ADDR[callee]}" -p 5060 -mp 6000
TALK_MS=3300 sipp_at caller caller -i "${ADDR[caller]}" -p 5060 -mp 4000 \
	-s bob -cid_str "early-only-1@198.18.0.1" "${ADDR[callee]}:5060"

PACKAGES="sip-tester" finish <<-'FACTS'
{
 "what": "early media of 2 s, then nothing from the callee",
 "legs": [{"src": "198.18.0.1", "dst": "198.18.0.2", "sip_call_id": "early-only-1@198.18.0.1",
   "status": 200, "state": "completed", "ended_by": "caller", "codecs": ["PCMA"],
   "audio": {"forward": "ok", "reverse": "early_only"}}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "198.18.0.1", "dst": "198.18.0.2",
   "ssrc": "0xa1000020", "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": 150},
  {"leg": 0, "direction": "reverse", "src": "198.18.0.2", "dst": "198.18.0.1",
   "ssrc": "0xb2000020", "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": 100}]
}
FACTS
