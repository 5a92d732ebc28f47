#!/bin/bash
# A plain answered call, G.711 both ways, ended by the caller.
. "$(dirname "$0")/common.sh"

lan caller callee
media caller.pcap --ssrc 0xa1000001 --sequence 1000 --packets 300 --hertz 440
media callee.pcap --ssrc 0xb2000001 --sequence 65400 --packets 290 --hertz 600
record
RING_MS=1500 sipp_start callee callee -i "${ADDR[callee]}" -p 5060 -mp 6000
TALK_MS=6500 sipp_at caller caller -i "${ADDR[caller]}" -p 5060 -mp 4000 \
	-s bob -cid_str "answered-1@198.18.0.1" "${ADDR[callee]}:5060"

PACKAGES="sip-tester" finish <"$MAKE/answered.facts.json"
