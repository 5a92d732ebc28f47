#!/bin/bash
# A call through Kamailio, which stays in the path, with rtpengine relaying the media:
# two legs of one Call-ID and four RTP streams, all seen at one point.
. "$(dirname "$0")/common.sh"

lan caller proxy callee
media caller.pcap --ssrc 0xa1000002 --sequence 7000 --packets 250 --hertz 440
media callee.pcap --ssrc 0xb2000002 --sequence 9000 --packets 240 --hertz 600
start proxy rtpengine.log rtpengine --foreground --log-stderr --table=-1 \
	--config-file=none --pidfile="$WORK/rtpengine.pid" \
	--interface="${ADDR[proxy]}" --listen-ng=127.0.0.1:22222 \
	--port-min=30000 --port-max=30100 --num-threads=1
until_bound proxy 22222
kamailio_start proxy relay.cfg
record
RING_MS=1000 sipp_start callee callee -i "${ADDR[callee]}" -p 5060 -mp 6000
TALK_MS=5500 sipp_at caller caller -i "${ADDR[caller]}" -p 5060 -mp 4000 \
	-s bob -cid_str "proxy-relay-1@198.18.0.1" "${ADDR[proxy]}:5060"

PACKAGES="sip-tester kamailio rtpengine-daemon" finish <<-'FACTS'
{
 "what": "one call over a proxy with a media relay: legs of the same Call-ID on either side",
 "legs": [
  {"src": "198.18.0.1", "dst": "198.18.0.2", "sip_call_id": "proxy-relay-1@198.18.0.1",
   "status": 200, "state": "completed", "ended_by": "caller", "codecs": ["PCMA"], "call": 0},
  {"src": "198.18.0.2", "dst": "198.18.0.3", "sip_call_id": "proxy-relay-1@198.18.0.1",
   "status": 200, "state": "completed", "ended_by": "caller", "codecs": ["PCMA"], "call": 0}],
 "streams": [
  {"leg": 0, "direction": "forward", "src": "198.18.0.1", "dst": "198.18.0.2",
   "ssrc": "0xa1000002", "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": 250},
  {"leg": 1, "direction": "forward", "src": "198.18.0.2", "dst": "198.18.0.3",
   "ssrc": "0xa1000002", "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": 250},
  {"leg": 1, "direction": "reverse", "src": "198.18.0.3", "dst": "198.18.0.2",
   "ssrc": "0xb2000002", "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": 240},
  {"leg": 0, "direction": "reverse", "src": "198.18.0.2", "dst": "198.18.0.1",
   "ssrc": "0xb2000002", "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20, "sent": 240}]
}
FACTS
