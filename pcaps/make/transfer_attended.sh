#!/bin/bash
# Alice calls Bob, who puts her on hold, asks Carol and transfers Alice to her: REFER to
# Carol with Replaces in it, Alice's INVITE that replaces his call with Carol, Carol's BYE
# to him and his to Alice.  Bob's player is silent in his second call: its media goes one
# way.
. "$(dirname "$0")/common.sh"

lan alice bob carol
linphone_start alice alice PCMA/8000/1
linphone_start bob bob PCMA/8000/1
linphone_start carol carol PCMA/8000/1 --auto-answer
sox -n -r 8000 -c 1 -b 16 "$WORK/tone.wav" synth 60 sine 440 vol 0.5
record
player() {
	linphone_do "$1" incall-player-start "$WORK/tone.wav"
}
linphone_do alice call "sip:bob@${ADDR[bob]}"
sleep 0.5
linphone_do bob answer
sleep 0.3
player alice
player bob
sleep 0.7
linphone_do bob call-pause
sleep 0.5
linphone_do bob call "sip:carol@${ADDR[carol]}"
sleep 0.5
player bob
player carol
sleep 1
linphone_do bob call-transfer 1 2
sleep 1
player alice
player carol
sleep 1.5
linphone_do alice terminate
sleep 1
record_stop

# invite N FIELD: of the Nth INVITE that opens a dialog.
invite() {
	tshark -n -r "$WORK/$NAME.pcap" -Y 'sip.Method == INVITE && !sip.to.tag' -T fields \
		-e "$2" 2>/dev/null | sed -n "$1p"
}
first=$(invite 1 sip.Call-ID) consulted=$(invite 2 sip.Call-ID) made=$(invite 3 sip.Call-ID)

PACKAGES="linphone-cli" finish <<-FACTS
{
 "what": "an attended transfer: hold, a second call, REFER to it, INVITE with Replaces",
 "legs": [
  {"src": "198.18.0.1", "dst": "198.18.0.2", "sip_call_id": "$first", "status": 200,
   "state": "completed", "ended_by": "callee", "codecs": ["PCMA"], "call": 0},
  {"src": "198.18.0.2", "dst": "198.18.0.3", "sip_call_id": "$consulted", "status": 200,
   "state": "completed", "ended_by": "callee", "codecs": ["PCMA"], "call": 1},
  {"src": "198.18.0.1", "dst": "198.18.0.3", "sip_call_id": "$made", "status": 200,
   "state": "completed", "ended_by": "caller", "codecs": ["PCMA"], "call": 2}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "198.18.0.1", "dst": "198.18.0.2",
   "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20},
  {"leg": 0, "direction": "reverse", "src": "198.18.0.2", "dst": "198.18.0.1",
   "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20},
  {"leg": 1, "direction": "reverse", "src": "198.18.0.3", "dst": "198.18.0.2",
   "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20},
  {"leg": 2, "direction": "forward", "src": "198.18.0.1", "dst": "198.18.0.3",
   "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20},
  {"leg": 2, "direction": "reverse", "src": "198.18.0.3", "dst": "198.18.0.1",
   "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20}],
 "families": [{"calls": [0, 1, 2], "evidence": ["refer", "replaces"]}],
 "transfers": [
  {"kind": "attended", "in": "$first", "by": "198.18.0.2", "replaces": "$consulted",
   "made": "$made", "notified": [100, 200]}]
}
FACTS
