#!/bin/bash
# A softphone calls through a proxy that asks for credentials: 407, INVITE again, 200.
. "$(dirname "$0")/common.sh"

lan caller proxy callee
kamailio_start proxy auth.cfg
record
baresip_start callee "bob@${ADDR[callee]}" 600 "regint=0;answermode=auto"
baresip_start caller "alice@${ADDR[proxy]}" 440 \
	"auth_user=alice;auth_pass=secret;regint=0;outbound=\"sip:${ADDR[proxy]}\""
baresip_do caller dial "sip:bob@${ADDR[proxy]}"
sleep 3.5
baresip_do caller hangup

PACKAGES="baresip-core kamailio" finish <<-'FACTS'
{
 "what": "challenged INVITE; the media runs past the proxy",
 "legs": [
  {"src": "198.18.0.1", "dst": "198.18.0.2", "status": 200, "state": "completed",
   "ended_by": "caller", "codecs": ["PCMA"], "call": 0},
  {"src": "198.18.0.2", "dst": "198.18.0.3", "status": 200, "state": "completed",
   "ended_by": "caller", "codecs": ["PCMA"], "call": 0}],
 "streams": [
  {"legs": [0, 1], "direction": "forward", "src": "198.18.0.1", "dst": "198.18.0.3",
   "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20},
  {"legs": [0, 1], "direction": "reverse", "src": "198.18.0.3", "dst": "198.18.0.1",
   "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20}]
}
FACTS
