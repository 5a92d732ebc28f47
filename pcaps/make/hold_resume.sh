#!/bin/bash
# A softphone puts the other on hold and takes the call up again: two re-INVITEs, the
# first with a=sendonly.
. "$(dirname "$0")/common.sh"

lan caller callee
record
baresip_start callee "bob@${ADDR[callee]}" 600 "regint=0;answermode=auto"
baresip_start caller "alice@${ADDR[caller]}" 440 "regint=0"
baresip_do caller dial "sip:bob@${ADDR[callee]}"
sleep 2
baresip_do caller hold
sleep 3
baresip_do caller resume
sleep 2
baresip_do caller hangup

PACKAGES="baresip-core" finish <<-'FACTS'
{
 "what": "the caller holds the call for about 4 s",
 "legs": [{"src": "198.18.0.1", "dst": "198.18.0.2", "status": 200, "state": "completed",
   "ended_by": "caller", "codecs": ["PCMA"]}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "198.18.0.1", "dst": "198.18.0.2",
   "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20},
  {"leg": 0, "direction": "reverse", "src": "198.18.0.2", "dst": "198.18.0.1",
   "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20}]
}
FACTS
