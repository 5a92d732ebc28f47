#!/bin/bash
# answered.pcap with an 802.1Q tag on every frame: its calls and streams are the same.
. "$(dirname "$0")/common.sh"

tcprewrite --enet-vlan=add --enet-vlan-tag=101 --enet-vlan-cfi=0 --enet-vlan-pri=5 \
	-i "$OUT/answered.pcap" -o "$WORK/$NAME.pcap"

sed 's|^ "what": .*| "what": "answered.pcap in VLAN 101", "vlan_ids": [101],|' \
	"$MAKE/answered.facts.json" | PACKAGES="sip-tester tcpreplay" finish
