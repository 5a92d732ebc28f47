#!/bin/bash
# answered.pcap with two tags on every frame, 802.1ad outside and 802.1Q inside: its
# calls and streams are the same.
. "$(dirname "$0")/common.sh"

tcprewrite --enet-vlan=add --enet-vlan-tag=101 --enet-vlan-cfi=0 --enet-vlan-pri=5 \
	-i "$OUT/answered.pcap" -o "$WORK/inner.pcap"
tcprewrite --enet-vlan=add --enet-vlan-tag=2002 --enet-vlan-cfi=0 --enet-vlan-pri=3 \
	--enet-vlan-proto=802.1ad -i "$WORK/inner.pcap" -o "$WORK/$NAME.pcap"

sed 's|^ "what": .*| "what": "answered.pcap in 2002 over 101", "vlan_ids": [2002, 101],|' \
	"$MAKE/answered.facts.json" | PACKAGES="sip-tester tcpreplay" finish
