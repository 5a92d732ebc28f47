#!/bin/bash
# Two Linphones that report on the call: RTCP XR with statistics summary and VoIP metrics, and
# vq-rtcpxr PUBLISHes to a collector, at intervals and at the end.  G.729; a router drops one
# in twenty of the caller's packets before the recorder.
. "$(dirname "$0")/common.sh"

# RTP of G.729 in packets of 20 ms is an IPv4 packet of 60 bytes; STUN and RTCP are not.
routed caller callee collector
ip netns exec "$(netns router)" iptables -A FORWARD -i eth1 -p udp -m length --length 60 \
	-m statistic --mode nth --every 20 --packet 19 -j DROP
sox -n -r 8000 -c 1 -b 16 "$WORK/tone.wav" synth 60 sine 440 vol 0.5
record_at router eth2 phones.pcap 'udp and not host 198.18.3.1'
record_at router eth3 collector.pcap
record_at router eth1 before.pcap
sipp_start collector collector -i "${ADDR[collector]}" -p 5060 -m 100
linphone_start callee bob G729/8000/1 --auto-answer
linphone_start caller alice G729/8000/1
linphone_do caller call "sip:bob@${ADDR[callee]}"
sleep 1
linphone_do caller incall-player-start "$WORK/tone.wav"
linphone_do callee incall-player-start "$WORK/tone.wav"
sleep 20
linphone_do caller terminate
sleep 1.5
record_stop
mergecap -F pcap -w "$WORK/$NAME.pcap" "$WORK/phones.pcap" "$WORK/collector.pcap"
dropped=$(ip netns exec "$(netns router)" iptables -L FORWARD -vxn |
	awk '$3 == "DROP" { print $1 }')
sent=$(tshark -n -r "$WORK/before.pcap" --enable-heuristic rtp_udp \
	-Y 'rtp.ssrc && ip.src == 198.18.1.1' 2>/dev/null | wc -l)

xr_reports() {
	tshark -n -r "$WORK/$NAME.pcap" -Y 'rtcp.xr.bt == 7' 2>/dev/null | wc -l
}

PACKAGES="linphone-cli sip-tester iptables" finish <<-FACTS
{
 "what": "RTCP XR and vq-rtcpxr reports of both phones on a call that loses one in twenty",
 "legs": [{"src": "198.18.1.1", "dst": "198.18.2.1", "status": 200, "state": "completed",
   "ended_by": "caller", "codecs": ["G729"]}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "198.18.1.1", "dst": "198.18.2.1",
   "codec": "G729", "clock_hz": 8000, "ptime_ms": 20, "sent": $sent, "dropped": $dropped},
  {"leg": 0, "direction": "reverse", "src": "198.18.2.1", "dst": "198.18.1.1",
   "codec": "G729", "clock_hz": 8000, "ptime_ms": 20}],
 "reports": {"vq_session": 4, "vq_interval": 8, "xr": $(xr_reports)}
}
FACTS
