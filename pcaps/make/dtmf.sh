#!/bin/bash
# A softphone dials digits into a call: RFC 4733 events on the stream of the speech.
. "$(dirname "$0")/common.sh"

lan caller callee
record
baresip_start callee "bob@${ADDR[callee]}" 600 "regint=0;answermode=auto"
baresip_start caller "alice@${ADDR[caller]}" 440 "regint=0"
baresip_do caller dial "sip:bob@${ADDR[callee]}"
sleep 1
for digit in 1 5 9 '*' 0 '#'; do
	baresip_do caller sndcode "$digit"
done
baresip_do caller hangup

PACKAGES="baresip-core" finish <<-'FACTS'
{
 "what": "the caller dials 159*0#; between the digits the same stream carries speech",
 "legs": [{"src": "198.18.0.1", "dst": "198.18.0.2", "status": 200, "state": "completed",
   "ended_by": "caller", "codecs": ["PCMA"]}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "198.18.0.1", "dst": "198.18.0.2",
   "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20},
  {"leg": 0, "direction": "reverse", "src": "198.18.0.2", "dst": "198.18.0.1",
   "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20}],
 "dtmf": [1, 5, 9, 10, 0, 11]
}
FACTS
