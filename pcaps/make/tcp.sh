#!/bin/bash
# A call over TCP.  The caller's segments are small, so its messages span several.  The
# 180 is lost on the way, before the recorder: what comes is the 200 behind a gap, then
# a retransmission that holds the 180 and the 200 in one segment.
. "$(dirname "$0")/common.sh"

routed caller callee
ip -n "$(netns callee)" route replace default via 198.18.2.254 advmss 536
for host in caller callee; do
	ip netns exec "$(netns $host)" sh -c 'echo 0 >/proc/sys/net/ipv4/tcp_sack'
done
ip netns exec "$(netns router)" iptables -A FORWARD -p tcp -m string --algo bm \
	--string '180 Ringing' -m statistic --mode nth --every 100000 --packet 0 -j DROP
media caller.pcap --ssrc 0xa1000013 --sequence 100 --packets 150 --hertz 440
media callee.pcap --ssrc 0xb2000013 --sequence 200 --packets 140 --hertz 600
record_at router eth1 $NAME.pcap
RING_MS=0 sipp_start callee callee -t t1 -i "${ADDR[callee]}" -p 5060 -mp 6000
TALK_MS=3300 EXTRA_SDP=$(long_sdp 20) sipp_at caller caller -t t1 -i "${ADDR[caller]}" \
	-p 5060 -mp 4000 -s bob -cid_str "tcp-1@198.18.1.1" "${ADDR[callee]}:5060"

PACKAGES="sip-tester" finish <<-'FACTS'
{
 "what": "a call over TCP: INVITE in four segments, 180 and 200 in one retransmitted segment",
 "frames_at_least": {"sip_several_messages": 1, "sip_reassembled_from_tcp": 1},
 "legs": [{"src": "198.18.1.1", "dst": "198.18.2.1", "sip_call_id": "tcp-1@198.18.1.1",
   "transport": "tcp", "status": 200, "state": "completed", "ended_by": "caller",
   "codecs": ["PCMA"]}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "198.18.1.1", "dst": "198.18.2.1",
   "ssrc": "0xa1000013", "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": 150},
  {"leg": 0, "direction": "reverse", "src": "198.18.2.1", "dst": "198.18.1.1",
   "ssrc": "0xb2000013", "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": 140}]
}
FACTS
