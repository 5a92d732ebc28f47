#!/bin/bash
# Alice calls Bob, who transfers her to Carol without asking Carol: REFER within the call,
# Alice's NOTIFYs of how her call to Carol goes, and Bob's BYE when that is answered.
. "$(dirname "$0")/common.sh"

lan alice bob carol
baresip_start bob "bob@${ADDR[bob]}" 600 "regint=0;answermode=auto"
baresip_start carol "carol@${ADDR[carol]}" 800 "regint=0;answermode=auto"
record
baresip_start alice "alice@${ADDR[alice]}" 440 "regint=0"
baresip_do alice dial "sip:bob@${ADDR[bob]}"
sleep 1
baresip_do bob transfer "sip:carol@${ADDR[carol]}"
sleep 1.5
baresip_do alice hangup
sleep 1
record_stop

# sent HOST N: RTP packets that the softphone sent in its Nth call, from its summary.
sent() {
	awk '/^packets:/ { print $2 }' "$WORK/baresip.$1.log" | sed -n "$2p"
}
call_ids() {
	tshark -n -r "$WORK/$NAME.pcap" -Y 'sip.Method == INVITE' -T fields -e sip.Call-ID
}
first=$(call_ids 2>/dev/null | sed -n 1p)
second=$(call_ids 2>/dev/null | sed -n 2p)

PACKAGES="baresip-core" finish <<-FACTS
{
 "what": "a blind transfer: REFER, NOTIFY, and a second call of the caller's",
 "legs": [
  {"src": "198.18.0.1", "dst": "198.18.0.2", "sip_call_id": "$first", "status": 200,
   "state": "completed", "ended_by": "callee", "codecs": ["PCMA"], "call": 0},
  {"src": "198.18.0.1", "dst": "198.18.0.3", "sip_call_id": "$second", "status": 200,
   "state": "completed", "ended_by": "caller", "codecs": ["PCMA"], "call": 1}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "198.18.0.1", "dst": "198.18.0.2",
   "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": $(sent alice 1)},
  {"leg": 0, "direction": "reverse", "src": "198.18.0.2", "dst": "198.18.0.1",
   "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": $(sent bob 1)},
  {"leg": 1, "direction": "forward", "src": "198.18.0.1", "dst": "198.18.0.3",
   "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": $(sent alice 2)},
  {"leg": 1, "direction": "reverse", "src": "198.18.0.3", "dst": "198.18.0.1",
   "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": $(sent carol 1)}],
 "families": [{"calls": [0, 1], "evidence": ["refer"]}],
 "transfers": [
  {"kind": "blind", "in": "$first", "by": "198.18.0.2", "refer_to": "sip:carol@198.18.0.3",
   "made": "$second", "notified": [100, 200]}]
}
FACTS
