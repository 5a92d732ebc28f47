#!/bin/bash
# A browser-like caller on SIP over WebSocket, through Kamailio, to a phone on UDP.
. "$(dirname "$0")/common.sh"

lan caller proxy callee
media callee.pcap --ssrc 0xb2000021 --sequence 500 --packets 140 --hertz 600
kamailio_start proxy websocket.cfg
record
RING_MS=500 sipp_start callee callee -i "${ADDR[callee]}" -p 5060 -mp 6000
on caller python3 "$MAKE/ws_caller.py" "${ADDR[caller]}" "${ADDR[proxy]}" "websocket-1"

PACKAGES="sip-tester kamailio" finish <<-'FACTS'
{
 "what": "SIP over WebSocket on port 8080 on one leg, UDP on the other; only the callee speaks",
 "legs": [
  {"src": "198.18.0.1", "dst": "198.18.0.2", "sip_call_id": "websocket-1", "transport": "ws",
   "status": 200, "state": "completed", "ended_by": "caller", "codecs": ["PCMA"], "call": 0},
  {"src": "198.18.0.2", "dst": "198.18.0.3", "sip_call_id": "websocket-1", "transport": "udp",
   "status": 200, "state": "completed", "ended_by": "caller", "codecs": ["PCMA"], "call": 0}],
 "streams": [
  {"legs": [0, 1], "direction": "reverse", "src": "198.18.0.3", "dst": "198.18.0.1",
   "ssrc": "0xb2000021", "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": 140}],
 "registrations": [200]
}
FACTS
