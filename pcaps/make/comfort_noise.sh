#!/bin/bash
# Comfort noise of RFC 3389: the caller sends PCMA all the time, a second of speech and a
# second of silence; a relay turns that into PCMU and sends payload type 13 for the silence.
. "$(dirname "$0")/common.sh"

MEDIA='RTP/AVP 8
a=rtpmap:8 PCMA/8000
a=ptime:20'
lan caller proxy callee
speech speech.wav 8000 8
start proxy rtpengine.log rtpengine --foreground --log-stderr --table=-1 \
	--config-file=none --pidfile="$WORK/rtpengine.pid" \
	--interface="${ADDR[proxy]}" --listen-ng=127.0.0.1:22222 \
	--port-min=30000 --port-max=30100 --num-threads=1 --silence-detect=1 --cn-payload=60
until_bound proxy 22222
kamailio_start proxy transcode.cfg
record
RING_MS=300 MEDIA='RTP/AVP 0 13
a=rtpmap:0 PCMU/8000
a=rtpmap:13 CN/8000
a=ptime:20' sipp_start callee callee_media -i "${ADDR[callee]}" -p 5060 -mp 6000
TALK_MS=9500 MEDIA=$MEDIA sipp_start caller caller_media -i "${ADDR[caller]}" -p 5060 \
	-mp 6000 -s bob -cid_str "comfort-noise-1@198.18.0.1" "${ADDR[proxy]}:5060"
call=$!
port=$(tshark -n -r "$WORK/$NAME.pcap" -Y 'sip.Status-Code == 200 && ip.dst == 198.18.0.1' \
	-T fields -e sdp.media.port 2>/dev/null | head -n 1)
PACKET_SIZE=172 sender caller "${ADDR[proxy]}:$port" speech.wav -c:a pcm_alaw
wait $call

PACKAGES="sip-tester kamailio rtpengine-daemon ffmpeg" finish <<-FACTS
{
 "what": "G.711 with comfort noise in the pauses, behind a relay that puts it there",
 "legs": [
  {"src": "198.18.0.1", "dst": "198.18.0.2", "sip_call_id": "comfort-noise-1@198.18.0.1",
   "status": 200, "state": "completed", "ended_by": "caller", "codecs": ["PCMA"], "call": 0},
  {"src": "198.18.0.2", "dst": "198.18.0.3", "sip_call_id": "comfort-noise-1@198.18.0.1",
   "status": 200, "state": "completed", "ended_by": "caller", "codecs": ["PCMU"], "call": 0}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "198.18.0.1", "dst": "198.18.0.2",
   "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 10},
  {"leg": 1, "direction": "forward", "src": "198.18.0.2", "dst": "198.18.0.3",
   "codec": "PCMU", "clock_hz": 8000, "ptime_ms": 20}]
}
FACTS
