#!/bin/bash
# Opus whose TOC says narrowband from the caller, in packets of 40 ms, and fullband from the
# callee, in packets of 20 ms.
. "$(dirname "$0")/common.sh"

MEDIA='RTP/AVP 96
a=rtpmap:96 opus/48000/2
a=fmtp:96 useinbandfec=1'
lan caller callee
speech speech.wav 48000 6
record
RING_MS=300 MEDIA=$MEDIA sipp_start callee callee_media -i "${ADDR[callee]}" -p 5060 -mp 6000
TALK_MS=7500 MEDIA=$MEDIA sipp_start caller caller_media -i "${ADDR[caller]}" -p 5060 \
	-mp 6000 -s bob -cid_str "opus-1@198.18.0.1" "${ADDR[callee]}:5060"
OPUS=(-c:a libopus -payload_type 96 -max_delay 1000)
sender caller "${ADDR[callee]}:7000" speech.wav "${OPUS[@]}" -b:a 12k -application voip \
	-cutoff 4000 -frame_duration 40
sender callee "${ADDR[caller]}:7000" speech.wav "${OPUS[@]}" -b:a 48k -cutoff 20000
wait "${PIDS[@]: -3}"

PACKAGES="sip-tester ffmpeg libopus0" finish <<-'FACTS'
{
 "what": "Opus in two bandwidths and two lengths of packet",
 "legs": [{"src": "198.18.0.1", "dst": "198.18.0.2", "sip_call_id": "opus-1@198.18.0.1",
   "status": 200, "state": "completed", "ended_by": "caller", "codecs": ["opus"]}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "198.18.0.1", "dst": "198.18.0.2",
   "codec": "opus", "clock_hz": 48000, "ptime_ms": 40,
   "codec_audio_hz": 4000},
  {"leg": 0, "direction": "reverse", "src": "198.18.0.2", "dst": "198.18.0.1",
   "codec": "opus", "clock_hz": 48000, "ptime_ms": 20,
   "codec_audio_hz": 20000}]
}
FACTS
