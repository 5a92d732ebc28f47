#!/bin/bash
# Kamailio sends one call to two phones; both ring, with different To tags, the second
# answers and the first is cancelled.  Recorded on the proxy, on the interface `any`.
. "$(dirname "$0")/common.sh"

lan caller proxy desk mobile
media caller.pcap --ssrc 0xa1000009 --sequence 300 --packets 150 --hertz 440
media callee.pcap --ssrc 0xb2000009 --sequence 500 --packets 150 --hertz 600
kamailio_start proxy fork.cfg
record_at proxy any $NAME.pcap
sipp_start desk callee_cancelled -i "${ADDR[desk]}" -p 5060
RING_MS=2000 sipp_start mobile callee -i "${ADDR[mobile]}" -p 5060 -mp 6000
TALK_MS=3500 sipp_at caller caller -i "${ADDR[caller]}" -p 5060 -mp 4000 \
	-s bob -cid_str "forked-1@198.18.0.1" "${ADDR[proxy]}:5060"

PACKAGES="sip-tester kamailio" finish <<-'FACTS'
{
 "what": "one call forked to two phones; the media runs past the proxy and is not seen",
 "legs": [
  {"src": "198.18.0.1", "dst": "198.18.0.2", "sip_call_id": "forked-1@198.18.0.1",
   "status": 200, "state": "completed", "ended_by": "caller", "codecs": ["PCMA"], "call": 0},
  {"src": "198.18.0.2", "dst": "198.18.0.3", "sip_call_id": "forked-1@198.18.0.1",
   "status": 487, "state": "cancelled", "ended_by": "caller", "codecs": [], "call": 0},
  {"src": "198.18.0.2", "dst": "198.18.0.4", "sip_call_id": "forked-1@198.18.0.1",
   "status": 200, "state": "completed", "ended_by": "caller", "codecs": ["PCMA"], "call": 0}],
 "streams": []
}
FACTS
