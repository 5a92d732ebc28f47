#!/bin/bash
# A plain answered call, G.711 both ways, ended by the caller.
. "$(dirname "$0")/common.sh"

lan caller callee
media caller.pcap --ssrc 0xa1000001 --sequence 1000 --packets 300 --hertz 440
media callee.pcap --ssrc 0xb2000001 --sequence 65400 --packets 290 --hertz 600
record
RING_MS=1500 sipp_start callee callee -i "${ADDR[callee]}" -p 5060 -mp 6000
TALK_MS=6500 sipp_at caller caller -i "${ADDR[caller]}" -p 5060 -mp 4000 \
	-s bob -cid_str "answered-1@198.18.0.1" "${ADDR[callee]}:5060"

PACKAGES="sip-tester" finish <<-'FACTS'
{
 "what": "plain call, answered after 1.5 s, BYE by the caller",
 "legs": [{"src": "198.18.0.1", "dst": "198.18.0.2", "sip_call_id": "answered-1@198.18.0.1",
   "status": 200, "state": "completed", "ended_by": "caller", "codecs": ["PCMA"]}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "198.18.0.1", "dst": "198.18.0.2",
   "ssrc": "0xa1000001", "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": 300,
   "payload_types": {"8": 300}},
  {"leg": 0, "direction": "reverse", "src": "198.18.0.2", "dst": "198.18.0.1",
   "ssrc": "0xb2000001", "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": 290,
   "payload_types": {"8": 290}}]
}
FACTS
