#!/bin/bash
# AMR-WB, octet-aligned: the caller's encoder at 12.65 kbit/s, the callee's at 23.85 with DTX.
. "$(dirname "$0")/common.sh"

MEDIA='RTP/AVP 98
a=rtpmap:98 AMR-WB/16000
a=fmtp:98 octet-align=1
a=ptime:20'
lan caller callee
speech speech.wav 16000 6
record
RING_MS=300 MEDIA=$MEDIA sipp_start callee callee_media -i "${ADDR[callee]}" -p 5060 -mp 6000
TALK_MS=7500 MEDIA=$MEDIA sipp_start caller caller_media -i "${ADDR[caller]}" -p 5060 \
	-mp 6000 -s bob -cid_str "amr-wb-1@198.18.0.1" "${ADDR[callee]}:5060"
AMR=(-c:a libvo_amrwbenc -payload_type 98 -max_delay 1000)
sender caller "${ADDR[callee]}:7000" speech.wav "${AMR[@]}" -b:a 12650
sender callee "${ADDR[caller]}:7000" speech.wav "${AMR[@]}" -b:a 23850 -dtx 1
wait "${PIDS[@]: -3}"

PACKAGES="sip-tester ffmpeg libavcodec-extra" finish <<-FACTS
{
 "what": "AMR-WB at two of its rates, one of them with DTX",
 "legs": [{"src": "198.18.0.1", "dst": "198.18.0.2", "sip_call_id": "amr-wb-1@198.18.0.1",
   "status": 200, "state": "completed", "ended_by": "caller", "codecs": ["AMR-WB"]}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "198.18.0.1", "dst": "198.18.0.2",
   "codec": "AMR-WB", "clock_hz": 16000, "ptime_ms": 20,
   "codec_bit_rate_bps": 12650,
   "frame_types": {$(frame_types 198.18.0.1 wb 98)}},
  {"leg": 0, "direction": "reverse", "src": "198.18.0.2", "dst": "198.18.0.1",
   "codec": "AMR-WB", "clock_hz": 16000, "ptime_ms": 20,
   "codec_bit_rate_bps": 23850,
   "frame_types": {$(frame_types 198.18.0.2 wb 98)}}]
}
FACTS
