#!/bin/bash
# The callee's media program dies in the middle of the call: its stream stops, and what the
# caller goes on sending is answered by ICMP port unreachable.
. "$(dirname "$0")/common.sh"

MEDIA='RTP/AVP 8
a=rtpmap:8 PCMA/8000
a=ptime:10'
lan caller callee
speech speech.wav 8000 20
record 'udp or icmp'
RING_MS=300 MEDIA=$MEDIA sipp_start callee callee_media -i "${ADDR[callee]}" -p 5060 -mp 6000
baresip_start caller "alice@${ADDR[caller]}" 440 "regint=0"
baresip_do caller dial "sip:bob@${ADDR[callee]}"
phone_port=$(tshark -n -r "$WORK/$NAME.pcap" -Y 'sip.Method == INVITE' -T fields \
	-e sdp.media.port 2>/dev/null | head -n 1)
PACKET_SIZE=172 sender callee "${ADDR[caller]}:$phone_port" speech.wav -c:a pcm_alaw
media_program=$!
sleep 4
kill "$media_program"
wait "$media_program" || true
sleep 4
baresip_do caller hangup
sleep 0.5

PACKAGES="sip-tester baresip-core ffmpeg" finish <<-'FACTS'
{
 "what": "the callee's media port closes in the middle of the call",
 "frames_at_least": {"icmp": 3},
 "legs": [{"src": "198.18.0.1", "dst": "198.18.0.2", "status": 200, "state": "completed",
   "ended_by": "caller", "codecs": ["PCMA"],
   "audio": {"forward": "closed_port", "reverse": "stopped"}}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "198.18.0.1", "dst": "198.18.0.2",
   "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 10},
  {"leg": 0, "direction": "reverse", "src": "198.18.0.2", "dst": "198.18.0.1",
   "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 10}]
}
FACTS
