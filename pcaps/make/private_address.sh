#!/bin/bash
# The caller sits behind a NAT that knows nothing of SIP, and its SDP names its private
# address: its own media gets out, the callee's goes to 192.168.1.10 and is lost there.
# Recorded outside.
. "$(dirname "$0")/common.sh"

routed caller callee
caller=$(netns caller) router=$(netns router)
ip -n "$caller" addr flush dev eth0
ip -n "$caller" addr add 192.168.1.10/24 dev eth0
ip -n "$router" addr add 192.168.1.1/24 dev eth1
ip -n "$caller" route add default via 192.168.1.1
ADDR[caller]=192.168.1.10
ip netns exec "$router" iptables -t nat -A POSTROUTING -o eth2 -j SNAT --to 198.18.2.254
ip netns exec "$router" iptables -A FORWARD -i eth2 -d 192.168.0.0/16 -m conntrack \
	--ctstate NEW -j DROP
baresip_start callee "bob@${ADDR[callee]}" 600 "regint=0;answermode=auto"
record_at router eth2 $NAME.pcap 'udp or icmp'
baresip_start caller "alice@${ADDR[caller]}" 440 "regint=0"
baresip_do caller dial "sip:bob@${ADDR[callee]}"
sleep 3
baresip_do caller hangup
sleep 1
heard=$(awk '/^packets:/ { print $3 }' "$WORK/baresip.caller.log")
lost=$(ip netns exec "$router" iptables -L FORWARD -vxn | awk '$3 == "DROP" { print $1 }')

PACKAGES="baresip-core iptables" finish <<-FACTS
{
 "what": "the caller announces an address that nobody outside can reach",
 "legs": [{"src": "198.18.2.254", "dst": "198.18.2.1", "status": 200, "state": "completed",
   "ended_by": "caller", "codecs": ["PCMA"],
   "audio": {"forward": "ok", "reverse": "private_address"}}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "198.18.2.254", "dst": "198.18.2.1",
   "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20},
  {"leg": 0, "direction": "reverse", "src": "198.18.2.1", "dst": "192.168.1.10",
   "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "received_by_phone": ${heard:-0}}],
 "stopped_at_the_nat": $lost
}
FACTS
