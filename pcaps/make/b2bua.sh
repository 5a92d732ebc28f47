#!/bin/bash
# A call through a back-to-back user agent, baresip's, that makes all but the two numbers
# anew: Call-ID, tags, Contact and agent; SSRC, sequence numbers and timestamps, the media
# decoded and encoded again.  G.711 comes out of it as it went in, but later.
. "$(dirname "$0")/common.sh"

lan caller b2bua callee
media caller.pcap --ssrc 0xa1000051 --sequence 7000 --packets 200 --speech caller
media callee.pcap --ssrc 0xb2000051 --sequence 9000 --packets 190 --speech callee
baresip_b2bua b2bua "${ADDR[callee]}"
record
call_number "b2bua-1@198.18.0.1" +4930555001 +4930555002 4500 caller callee b2bua
sleep 0.5
record_stop
# What its summary counts, of the first call that ended and then of the second: the
# caller's.
counted() {
	awk '/^packets:/ { print $2 }' "$WORK/baresip.b2bua.log" | sed -n "$1p"
}
second=$(tshark -n -r "$WORK/$NAME.pcap" -Y 'sip.Method == INVITE && ip.src == 198.18.0.2' \
	-T fields -e sip.Call-ID 2>/dev/null)

PACKAGES="sip-tester baresip-core" finish <<-FACTS
{
 "what": "a call through a back-to-back user agent that keeps nothing but the payload",
 "legs": [
  {"src": "198.18.0.1", "dst": "198.18.0.2", "sip_call_id": "b2bua-1@198.18.0.1",
   "status": 200, "state": "completed", "ended_by": "caller", "codecs": ["PCMA"], "call": 0},
  {"src": "198.18.0.2", "dst": "198.18.0.3", "sip_call_id": "$second",
   "status": 200, "state": "completed", "ended_by": "caller", "codecs": ["PCMA"], "call": 0}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "198.18.0.1", "dst": "198.18.0.2",
   "ssrc": "0xa1000051", "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": 200},
  {"leg": 1, "direction": "forward", "src": "198.18.0.2", "dst": "198.18.0.3",
   "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": $(counted 2)},
  {"leg": 1, "direction": "reverse", "src": "198.18.0.3", "dst": "198.18.0.2",
   "ssrc": "0xb2000051", "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": 190},
  {"leg": 0, "direction": "reverse", "src": "198.18.0.2", "dst": "198.18.0.1",
   "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": $(counted 1)}],
 "calls": [{"sip_call_ids": ["b2bua-1@198.18.0.1", "$second"],
   "evidence": ["payload", "numbers", "time"]}],
 "segments": [
  {"streams": [0, 1], "dropped_before": 0, "dropped_between": 0},
  {"streams": [2, 3], "dropped_before": 0, "dropped_between": 0}]
}
FACTS
