#!/bin/bash
# Two softphones with the recorder in the middle and a relay on either side of it: 40 ms for
# there and back on the caller's side, 90 ms on the callee's, unequal by direction.  Opus in
# packets of 60 ms, so that seven rounds of RTCP stay small.
. "$(dirname "$0")/common.sh"

CODEC=opus/48000/2
OPUS=("module opus.so" "opus_bitrate 12000")

# rtt_ms PHONE
rtt_ms() {
	python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]]["rtt_ms"])' \
		"$WORK/trips.json" "$1"
}

chain caller callee
relay west 25 15
relay east 35 55
record_at west eth2 $NAME.pcap
record_at caller eth0 caller.pcap
record_at callee eth0 callee.pcap
baresip_start callee "bob@${ADDR[callee]}" 600 "regint=0;answermode=auto;ptime=60" \
	$CODEC "${OPUS[@]}"
baresip_start caller "alice@${ADDR[caller]}" 440 "regint=0;ptime=60" $CODEC "${OPUS[@]}"
baresip_do caller dial "sip:bob@${ADDR[callee]}"
sleep 37.5
baresip_do caller hangup
sleep 1
record_stop
kill "${RELAYS[@]}"
wait "${RELAYS[@]}" || true
python3 "$MAKE/round_trips.py" "$WORK/$NAME.pcap" "$WORK/caller.pcap" "$WORK/callee.pcap" \
	>"$WORK/trips.json"

PACKAGES="baresip-core" finish <<-FACTS
{
 "what": "40 ms of round trip between recorder and caller, 90 ms between it and the callee",
 "legs": [{"src": "198.18.1.1", "dst": "198.18.2.1", "status": 200, "state": "completed",
   "ended_by": "caller", "codecs": ["opus"]}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "198.18.1.1", "dst": "198.18.2.1",
   "codec": "opus", "clock_hz": 48000, "ptime_ms": 60,
   "rtt_sender_ms": $(rtt_ms caller), "rtt_receiver_ms": $(rtt_ms callee)},
  {"leg": 0, "direction": "reverse", "src": "198.18.2.1", "dst": "198.18.1.1",
   "codec": "opus", "clock_hz": 48000, "ptime_ms": 60,
   "rtt_sender_ms": $(rtt_ms callee), "rtt_receiver_ms": $(rtt_ms caller)}],
 "relays": {"west": $(tail -n 1 "$WORK/relay.west.log"),
  "east": $(tail -n 1 "$WORK/relay.east.log")},
 "round_trips": $(cat "$WORK/trips.json")
}
FACTS
