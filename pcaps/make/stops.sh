#!/bin/bash
# A firewall takes away what the callee sends from the sixth second of the call on, RTP and
# RTCP alike; the caller's media goes on.  Recorded on the caller's side of it.
. "$(dirname "$0")/common.sh"

routed caller callee
baresip_start callee "bob@${ADDR[callee]}" 600 "regint=0;answermode=auto" GSM/8000/1 \
	"module gsm.so"
record_at router eth1 $NAME.pcap
record_at router eth2 behind.pcap
baresip_start caller "alice@${ADDR[caller]}" 440 "regint=0" GSM/8000/1 "module gsm.so"
baresip_do caller dial "sip:bob@${ADDR[callee]}"
sleep 4.5
ip netns exec "$(netns router)" iptables -A FORWARD -i eth2 -p udp ! --sport 5060 -j DROP
stopped=$(date +%s.%N)
sleep 6
baresip_do caller hangup
sleep 1
record_stop
sent=$(tshark -n -r "$WORK/behind.pcap" -Y 'rtp && ip.src == 198.18.2.1' 2>/dev/null | wc -l)

PACKAGES="baresip-core iptables" finish <<-FACTS
{
 "what": "one direction stops in the middle of the call",
 "legs": [{"src": "198.18.1.1", "dst": "198.18.2.1", "status": 200, "state": "completed",
   "ended_by": "caller", "codecs": ["GSM"],
   "audio": {"forward": "ok", "reverse": "stopped"}}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "198.18.1.1", "dst": "198.18.2.1",
   "codec": "GSM", "clock_hz": 8000, "ptime_ms": 20},
  {"leg": 0, "direction": "reverse", "src": "198.18.2.1", "dst": "198.18.1.1",
   "codec": "GSM", "clock_hz": 8000, "ptime_ms": 20,
   "stopped_at": $stopped, "sent_behind_the_firewall": $sent}]
}
FACTS
