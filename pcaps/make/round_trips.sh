#!/bin/bash
# Two softphones, each behind a relay that keeps every packet back: 20 ms on the caller's
# side of the recorder, 45 ms on the callee's, either way.  So the recorder sees a round trip
# of 40 ms to the caller and one of 90 ms to the callee.
. "$(dirname "$0")/common.sh"

TO_CALLER_MS=20 TO_CALLEE_MS=45
for host in router caller callee; do
	add_host $host
done
ip netns exec "$(netns router)" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
start router relay.log python3 "$MAKE/delay_relay.py" \
	"$(netns caller)/tun0" "$(netns router)/tun1" $TO_CALLER_MS \
	"$(netns callee)/tun0" "$(netns router)/tun2" $TO_CALLEE_MS
until_logged relay.log ready
n=0
for host in caller callee; do
	n=$((n + 1))
	ADDR[$host]=198.18.$n.1
	ip -n "$(netns $host)" addr add "198.18.$n.1/24" dev tun0
	ip -n "$(netns router)" addr add "198.18.$n.254/24" dev "tun$n"
	ip -n "$(netns $host)" link set tun0 up
	ip -n "$(netns router)" link set "tun$n" up
	ip -n "$(netns $host)" route add default via "198.18.$n.254"
done

baresip_start callee "bob@${ADDR[callee]}" 600 "regint=0;answermode=auto"
record_at router tun2 $NAME.pcap
baresip_start caller "alice@${ADDR[caller]}" 440 "regint=0"
baresip_do caller dial "sip:bob@${ADDR[callee]}"
sleep 17.5
baresip_do caller hangup
sleep 1
record_stop

PACKAGES="baresip-core" finish <<-FACTS
{
 "what": "packets take 20 ms to the caller and 45 ms to the callee from the recorder, and back",
 "legs": [{"src": "198.18.1.1", "dst": "198.18.2.1", "status": 200, "state": "completed",
   "ended_by": "caller", "codecs": ["PCMA"]}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "198.18.1.1", "dst": "198.18.2.1",
   "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20,
   "rtt_sender_ms": $((2 * TO_CALLER_MS)), "rtt_receiver_ms": $((2 * TO_CALLEE_MS))},
  {"leg": 0, "direction": "reverse", "src": "198.18.2.1", "dst": "198.18.1.1",
   "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20,
   "rtt_sender_ms": $((2 * TO_CALLEE_MS)), "rtt_receiver_ms": $((2 * TO_CALLER_MS))}]
}
FACTS
