#!/bin/bash
# AMR, octet-aligned: the caller's encoder at 7.95 kbit/s with DTX, so that SID frames and
# gaps stand in its pauses; the callee's at 12.2 kbit/s, three frames in a packet.
. "$(dirname "$0")/common.sh"

MEDIA='RTP/AVP 97
a=rtpmap:97 AMR/8000
a=fmtp:97 octet-align=1'
lan caller callee
speech speech.wav 8000 8
record
RING_MS=300 MEDIA="$MEDIA
a=ptime:60" sipp_start callee callee_media -i "${ADDR[callee]}" -p 5060 -mp 6000
TALK_MS=9500 MEDIA=$MEDIA sipp_start caller caller_media -i "${ADDR[caller]}" -p 5060 \
	-mp 6000 -s bob -cid_str "amr-1@198.18.0.1" "${ADDR[callee]}:5060"
AMR=(-c:a libopencore_amrnb -payload_type 97)
sender caller "${ADDR[callee]}:7000" speech.wav "${AMR[@]}" -b:a 7950 -dtx 1 -max_delay 1000
sender callee "${ADDR[caller]}:7000" speech.wav "${AMR[@]}" -b:a 12200 -max_delay 60000
wait "${PIDS[@]: -3}"

PACKAGES="sip-tester ffmpeg libavcodec-extra" finish <<-FACTS
{
 "what": "AMR at two of its rates, one of them with DTX, three frames to a packet in the other",
 "legs": [{"src": "198.18.0.1", "dst": "198.18.0.2", "sip_call_id": "amr-1@198.18.0.1",
   "status": 200, "state": "completed", "ended_by": "caller", "codecs": ["AMR"]}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "198.18.0.1", "dst": "198.18.0.2",
   "codec": "AMR", "clock_hz": 8000, "ptime_ms": 20, "codec_bit_rate_bps": 7950,
   "frame_types": {$(frame_types 198.18.0.1 nb 97)}},
  {"leg": 0, "direction": "reverse", "src": "198.18.0.2", "dst": "198.18.0.1",
   "codec": "AMR", "clock_hz": 8000, "ptime_ms": 60, "codec_bit_rate_bps": 12200,
   "frame_types": {$(frame_types 198.18.0.2 nb 97)}}]
}
FACTS
