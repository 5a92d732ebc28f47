#!/bin/bash
# G.722: sampled at 16000 Hz, but its RTP clock is 8000 (RFC 3551).
. "$(dirname "$0")/common.sh"

lan caller callee
record
baresip_start callee "bob@${ADDR[callee]}" 600 "regint=0;answermode=auto" G722/16000/1 \
	"module g722.so"
baresip_start caller "alice@${ADDR[caller]}" 440 "regint=0" G722/16000/1 "module g722.so"
baresip_do caller dial "sip:bob@${ADDR[callee]}"
sleep 3
baresip_do caller hangup

PACKAGES="baresip-core" finish <<-'FACTS'
{
 "what": "a wideband call",
 "legs": [{"src": "198.18.0.1", "dst": "198.18.0.2", "status": 200, "state": "completed",
   "ended_by": "caller", "codecs": ["G722"]}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "198.18.0.1", "dst": "198.18.0.2",
   "codec": "G722", "clock_hz": 8000, "ptime_ms": 20},
  {"leg": 0, "direction": "reverse", "src": "198.18.0.2", "dst": "198.18.0.1",
   "codec": "G722", "clock_hz": 8000, "ptime_ms": 20}]
}
FACTS
