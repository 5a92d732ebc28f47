#!/bin/bash
# A whole call over IPv6.
. "$(dirname "$0")/common.sh"

lan caller callee
media caller.pcap --ssrc 0xa1000014 --sequence 100 --packets 150 --hertz 440
media callee.pcap --ssrc 0xb2000014 --sequence 200 --packets 140 --hertz 600
record
RING_MS=800 sipp_start callee callee -i "[${ADDR6[callee]}]" -mi "${ADDR6[callee]}" -p 5060 \
	-mp 6000
TALK_MS=3300 sipp_at caller caller -i "[${ADDR6[caller]}]" -mi "${ADDR6[caller]}" -p 5060 \
	-mp 4000 -s bob -cid_str "ipv6-1@caller.example" "[${ADDR6[callee]}]:5060"

PACKAGES="sip-tester" finish <<-'FACTS'
{
 "what": "a call over IPv6",
 "legs": [{"src": "2001:db8::1", "dst": "2001:db8::2", "sip_call_id": "ipv6-1@caller.example",
   "status": 200, "state": "completed", "ended_by": "caller", "codecs": ["PCMA"]}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "2001:db8::1", "dst": "2001:db8::2",
   "ssrc": "0xa1000014", "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": 150},
  {"leg": 0, "direction": "reverse", "src": "2001:db8::2", "dst": "2001:db8::1",
   "ssrc": "0xb2000014", "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": 140}]
}
FACTS
