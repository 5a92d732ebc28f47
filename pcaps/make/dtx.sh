#!/bin/bash
# Opus with discontinuous transmission, as the callee's fmtp asks for: in the caller's pauses
# packets are the TOC alone.  The callee plays a tone without pauses.
. "$(dirname "$0")/common.sh"

lan caller callee
speech speech.wav 48000 30
sox -n -r 48000 -c 1 -b 16 "$WORK/tone.wav" synth 30 sine 600 vol 0.5
record
linphone_start callee bob opus/48000/2 --auto-answer
linphone_do callee audio-codec-set opus/48000/2 recv_fmtp usedtx=1
linphone_start caller alice opus/48000/2
linphone_do caller call "sip:bob@${ADDR[callee]}"
sleep 1
linphone_do caller incall-player-start "$WORK/speech.wav"
linphone_do callee incall-player-start "$WORK/tone.wav"
sleep 9
linphone_do caller terminate
sleep 1

# An RTP header and one byte: 21 bytes of UDP.
empty() {
	tshark -n -r "$WORK/$NAME.pcap" --enable-heuristic rtp_udp \
		-Y "rtp.ssrc && ip.src == $1 && udp.length == 21" 2>/dev/null | wc -l
}

PACKAGES="linphone-cli libopus0" finish <<-FACTS
{
 "what": "Opus whose packets carry no data in the caller's pauses",
 "legs": [{"src": "198.18.0.1", "dst": "198.18.0.2", "status": 200, "state": "completed",
   "ended_by": "caller", "codecs": ["opus"]}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "198.18.0.1", "dst": "198.18.0.2",
   "codec": "opus", "clock_hz": 48000, "ptime_ms": 20,
   "no_data_packets": $(empty 198.18.0.1)},
  {"leg": 0, "direction": "reverse", "src": "198.18.0.2", "dst": "198.18.0.1",
   "codec": "opus", "clock_hz": 48000, "ptime_ms": 20,
   "no_data_packets": $(empty 198.18.0.2)}]
}
FACTS
