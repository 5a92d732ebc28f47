#!/bin/bash
# Kamailio sends one call to three phones; all ring, the second answers and the others are
# cancelled.  Recorded on the switch, where the media is seen too.
. "$(dirname "$0")/common.sh"

lan caller proxy desk mobile soft
media caller.pcap --ssrc 0xa1000054 --sequence 300 --packets 90 --speech caller
media callee.pcap --ssrc 0xb2000054 --sequence 500 --packets 90 --speech callee
kamailio_start proxy fork.cfg -A 'THIRD="sip:bob@198.18.0.5:5060"'
record
sipp_start desk callee_cancelled -i "${ADDR[desk]}" -p 5060
RING_MS=1500 sipp_start mobile callee -i "${ADDR[mobile]}" -p 5060 -mp 6000
sipp_start soft callee_cancelled -i "${ADDR[soft]}" -p 5060
TALK_MS=2500 sipp_at caller caller -i "${ADDR[caller]}" -p 5060 -mp 4000 \
	-s bob -cid_str "forked-three-1@198.18.0.1" "${ADDR[proxy]}:5060"

PACKAGES="sip-tester kamailio" finish <<-'FACTS'
{
 "what": "one call forked to three phones: one answers, two are cancelled",
 "legs": [
  {"src": "198.18.0.1", "dst": "198.18.0.2", "sip_call_id": "forked-three-1@198.18.0.1",
   "status": 200, "state": "completed", "ended_by": "caller", "codecs": ["PCMA"], "call": 0},
  {"src": "198.18.0.2", "dst": "198.18.0.3", "sip_call_id": "forked-three-1@198.18.0.1",
   "status": 487, "state": "cancelled", "ended_by": "caller", "codecs": [], "call": 0},
  {"src": "198.18.0.2", "dst": "198.18.0.4", "sip_call_id": "forked-three-1@198.18.0.1",
   "status": 200, "state": "completed", "ended_by": "caller", "codecs": ["PCMA"], "call": 0},
  {"src": "198.18.0.2", "dst": "198.18.0.5", "sip_call_id": "forked-three-1@198.18.0.1",
   "status": 487, "state": "cancelled", "ended_by": "caller", "codecs": [], "call": 0}],
 "streams": [
  {"legs": [0, 1, 2, 3], "direction": "forward", "src": "198.18.0.1", "dst": "198.18.0.4",
   "ssrc": "0xa1000054", "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": 90},
  {"legs": [0, 1, 2, 3], "direction": "reverse", "src": "198.18.0.4", "dst": "198.18.0.1",
   "ssrc": "0xb2000054", "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": 90}],
 "branches": [
  {"dst": "198.18.0.3", "fate": "cancelled"}, {"dst": "198.18.0.4", "fate": "answered"},
  {"dst": "198.18.0.5", "fate": "cancelled"}]
}
FACTS
