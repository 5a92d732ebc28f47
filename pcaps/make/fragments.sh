#!/bin/bash
# Two calls, over IPv4 and over IPv6, whose INVITE and 200 are longer than the MTU and
# come in IP fragments.
. "$(dirname "$0")/common.sh"

lan caller callee
media caller.pcap --ssrc 0xa1000015 --sequence 100 --packets 50 --hertz 440
media callee.pcap --ssrc 0xb2000015 --sequence 200 --packets 45 --hertz 600
record
# call CALL_ID CALLER CALLEE TARGET
call() {
	RING_MS=500 EXTRA_SDP=$(long_sdp 60) sipp_start callee callee -i "$3" -mi "$3" \
		-p 5060 -mp 6000
	TALK_MS=1200 EXTRA_SDP=$(long_sdp 30) sipp_at caller caller -i "$2" -mi "$2" \
		-p 5060 -mp 4000 -s bob -cid_str "$1" "$4"
	wait $!
}
call "fragments-1@caller.example" "${ADDR[caller]}" "${ADDR[callee]}" "${ADDR[callee]}:5060"
call "fragments-2@caller.example" "${ADDR6[caller]}" "${ADDR6[callee]}" \
	"[${ADDR6[callee]}]:5060"

PACKAGES="sip-tester" finish <<-'FACTS'
{
 "what": "INVITE in two and 200 in three fragments, over IPv4 and then over IPv6",
 "frames_at_least": {"ip_fragments": 10},
 "legs": [
  {"src": "198.18.0.1", "dst": "198.18.0.2", "sip_call_id": "fragments-1@caller.example",
   "status": 200, "state": "completed", "ended_by": "caller", "codecs": ["PCMA"], "call": 0},
  {"src": "2001:db8::1", "dst": "2001:db8::2", "sip_call_id": "fragments-2@caller.example",
   "status": 200, "state": "completed", "ended_by": "caller", "codecs": ["PCMA"], "call": 1}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "198.18.0.1", "dst": "198.18.0.2",
   "ssrc": "0xa1000015", "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": 50},
  {"leg": 0, "direction": "reverse", "src": "198.18.0.2", "dst": "198.18.0.1",
   "ssrc": "0xb2000015", "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": 45},
  {"leg": 1, "direction": "forward", "src": "2001:db8::1", "dst": "2001:db8::2",
   "ssrc": "0xa1000015", "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": 50},
  {"leg": 1, "direction": "reverse", "src": "2001:db8::2", "dst": "2001:db8::1",
   "ssrc": "0xb2000015", "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": 45}]
}
FACTS
