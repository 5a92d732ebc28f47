#!/bin/bash
# A hundred calls at once through a back-to-back user agent.  All callers play the same file,
# RTP headers and all, and all callees another: what is heard tells no call from the
# next.  The second leg has another Call-ID and both numbers in another format.
. "$(dirname "$0")/common.sh"

calls=100
frames=80
lan caller b2bua callee
# Frames of 33 octets, so that a whole packet is small.
for side in caller callee; do
	pitch=$([ $side = caller ] && echo 220 || echo 130)
	sox -R -n -r 8000 -c 1 "$WORK/$side.gsm" synth 2 brownnoise synth 2 sine amod 0.7 \
		synth 2 sawtooth mix $pitch tremolo 3 90
done
media caller.pcap --codec GSM --frames "$WORK/caller.gsm" --ssrc 0xa1000053 \
	--packets $frames
media callee.pcap --codec GSM --frames "$WORK/callee.gsm" --ssrc 0xb2000053 \
	--packets $frames
rtpengine_start b2bua
b2bua_start b2bua "${ADDR[callee]}" --seed "$NAME" --from '^=+49305551' --to '^00=+'
{
	echo SEQUENTIAL
	for n in $(seq $calls); do
		printf '%d;00493055%05d\n' $((100 + n)) $((20000 + 37 * n))
	done
} >"$WORK/numbers"
record
MEDIA=3 RING_MS=400 sipp_start callee callee_number -i "${ADDR[callee]}" -p 5060 -mp 6000 \
	-m $calls
MEDIA=3 TALK_MS=3000 sipp_at caller caller_number -i "${ADDR[caller]}" -p 5060 -mp 4000 \
	-inf "$WORK/numbers" -m $calls -l $calls -r $calls \
	-cid_str "%u-same-file@198.18.0.1" "${ADDR[b2bua]}:5060"
record_stop

python3 - "$WORK/b2bua.log" $frames >"$WORK/$NAME.facts" <<'PYTHON'
import json
import sys

lines = [line.split() for line in open(sys.argv[1], encoding="ascii")]
joined = {line[1]: line[2] for line in lines if line[0] == "joined"}
media = {line[1]: line[2:] for line in lines if line[0] == "media"}
facts = {"what": "a hundred calls at once that all play the same file", "legs": [],
         "streams": [], "calls": []}
for call, (first, second) in enumerate(joined.items()):
    caller, here, there, callee = media[first]
    hosts = ("198.18.0.1", "198.18.0.2", "198.18.0.3")
    for number, call_id in enumerate((first, second)):
        facts["legs"].append({
            "src": hosts[number], "dst": hosts[number + 1], "sip_call_id": call_id,
            "status": 200, "state": "completed", "ended_by": "caller", "codecs": ["GSM"],
            "call": call})
    for leg, direction, src, dst, ssrc in (
            (0, "forward", caller, here, "0xa1000053"),
            (1, "forward", there, callee, "0xa1000053"),
            (1, "reverse", callee, there, "0xb2000053"),
            (0, "reverse", here, caller, "0xb2000053")):
        facts["streams"].append({
            "leg": 2 * call + leg, "direction": direction, "src": src, "dst": dst,
            "ssrc": ssrc, "codec": "GSM", "clock_hz": 8000, "ptime_ms": 20,
            "sent": int(sys.argv[2])})
    facts["calls"].append({"sip_call_ids": [first, second], "evidence": ["numbers", "time"]})
json.dump(facts, sys.stdout)
PYTHON
PACKAGES="sip-tester rtpengine-daemon sox" finish <"$WORK/$NAME.facts"
