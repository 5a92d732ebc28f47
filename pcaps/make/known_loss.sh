#!/bin/bash
# Two softphones with a router between them that loses RTP both ways.  Recorded on the
# callee's side: what the caller sent is thinned out already, what the callee sends is
# still whole and only the caller's RTCP tells what became of it.
. "$(dirname "$0")/common.sh"

routed caller callee
# Only RTP is dropped: an IPv4 packet of 160 samples of G.711 has 200 bytes, RTCP has not.
drop() {
	ip netns exec "$(netns router)" iptables -A FORWARD -i "$1" -p udp -m length \
		--length 200 -m statistic --mode random --probability "$2" -j DROP
}
dropped() {
	ip netns exec "$(netns router)" iptables -L FORWARD -vxn |
		awk -v iface="$1" '$3 == "DROP" && $6 == iface { print $1 }'
}
sent() {
	tshark -n -r "$WORK/$1" -Y "rtp && ip.src == $2" 2>/dev/null | wc -l
}
sequences() {
	tshark -n -r "$WORK/$1" -Y "rtp && ip.src == $2" -T fields -e rtp.seq 2>/dev/null | sort
}
# lost_between FILE FILE ADDRESS: RTP sequence numbers that are in the first only.
lost_between() {
	comm -23 <(sequences "$1" "$3") <(sequences "$2" "$3") | sort -n | paste -sd,
}
# phone_received HOST: RTP packets that the softphone counted, from its summary.
phone_received() {
	awk '/^packets:/ { print $3 }' "$WORK/baresip.$1.log"
}

drop eth1 0.04
drop eth2 0.02
baresip_start callee "bob@${ADDR[callee]}" 600 "regint=0;answermode=auto"
record_at router eth2 $NAME.pcap
record_at router eth1 before.pcap
baresip_start caller "alice@${ADDR[caller]}" 440 "regint=0"
baresip_do caller dial "sip:bob@${ADDR[callee]}"
sleep 17.5
baresip_do caller hangup
sleep 1
record_stop

PACKAGES="baresip-core iptables" finish <<-FACTS
{
 "what": "packets dropped by a router before (forward) and behind (reverse) the recorder",
 "legs": [{"src": "198.18.1.1", "dst": "198.18.2.1", "status": 200, "state": "completed",
   "ended_by": "caller", "codecs": ["PCMA"]}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "198.18.1.1", "dst": "198.18.2.1",
   "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": $(sent before.pcap 198.18.1.1),
   "dropped": $(dropped eth1),
   "dropped_sequences": [$(lost_between before.pcap $NAME.pcap 198.18.1.1)],
   "dropped_after_probe": 0, "dropped_after_probe_sequences": [],
   "received_by_phone": $(phone_received callee)},
  {"leg": 0, "direction": "reverse", "src": "198.18.2.1", "dst": "198.18.1.1",
   "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": $(sent $NAME.pcap 198.18.2.1),
   "dropped": 0, "dropped_sequences": [], "dropped_after_probe": $(dropped eth2),
   "dropped_after_probe_sequences": [$(lost_between $NAME.pcap before.pcap 198.18.2.1)],
   "received_by_phone": $(phone_received caller)}]
}
FACTS
