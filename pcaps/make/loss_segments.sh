#!/bin/bash
# Two softphones with the recorder between two routers that lose RTP both ways, so that each
# direction loses some before the recorder and some behind it: at random on one side, six in
# a row of every 128 on the other.  GSM, so that four rounds of RTCP stay small.
. "$(dirname "$0")/common.sh"

# RTP of GSM is an IPv4 packet of 73 bytes, RTCP is not.
drop() {
	local router=$1 iface=$2
	shift 2
	ip netns exec "$(netns "$router")" iptables -A FORWARD -i "$iface" -p udp -m length \
		--length 73 "$@" -j DROP
}
at_random() {
	drop "$1" "$2" -m statistic --mode random --probability "$3"
}
# By the last 7 bits of RTP's sequence number, which is what the mask leaves of its word.
in_bursts() {
	drop "$1" "$2" -m u32 --u32 '0>>22&0x3C@8&0x7F=0:5'
}
dropped() {
	ip netns exec "$(netns "$1")" iptables -L FORWARD -vxn |
		awk -v iface="$2" '$3 == "DROP" && $6 == iface { print $1 }'
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

chain caller callee
at_random west eth1 0.03
in_bursts east eth1
in_bursts east eth2
at_random west eth2 0.02
record_at west eth2 $NAME.pcap
record_at caller eth0 caller.pcap
record_at callee eth0 callee.pcap
baresip_start callee "bob@${ADDR[callee]}" 600 "regint=0;answermode=auto" GSM/8000/1 \
	"module gsm.so"
baresip_start caller "alice@${ADDR[caller]}" 440 "regint=0" GSM/8000/1 "module gsm.so"
baresip_do caller dial "sip:bob@${ADDR[callee]}"
sleep 22.5
baresip_do caller hangup
sleep 1
record_stop

PACKAGES="baresip-core iptables" finish <<-FACTS
{
 "what": "each direction loses packets before the recorder and other packets behind it",
 "legs": [{"src": "198.18.1.1", "dst": "198.18.2.1", "status": 200, "state": "completed",
   "ended_by": "caller", "codecs": ["GSM"]}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "198.18.1.1", "dst": "198.18.2.1",
   "codec": "GSM", "clock_hz": 8000, "ptime_ms": 20, "sent": $(sent caller.pcap 198.18.1.1),
   "dropped": $(dropped west eth1),
   "dropped_sequences": [$(lost_between caller.pcap $NAME.pcap 198.18.1.1)],
   "dropped_after_probe": $(dropped east eth1),
   "dropped_after_probe_sequences": [$(lost_between $NAME.pcap callee.pcap 198.18.1.1)],
   "received_by_phone": $(phone_received callee)},
  {"leg": 0, "direction": "reverse", "src": "198.18.2.1", "dst": "198.18.1.1",
   "codec": "GSM", "clock_hz": 8000, "ptime_ms": 20, "sent": $(sent callee.pcap 198.18.2.1),
   "dropped": $(dropped east eth2),
   "dropped_sequences": [$(lost_between callee.pcap $NAME.pcap 198.18.2.1)],
   "dropped_after_probe": $(dropped west eth2),
   "dropped_after_probe_sequences": [$(lost_between $NAME.pcap caller.pcap 198.18.2.1)],
   "received_by_phone": $(phone_received caller)}]
}
FACTS
