# common.sh - what every recording script shares; sourced, never run.
#
# Hosts are network namespaces on a bridge or around a router.  Everything lives
# in namespaces and one temporary folder, and goes away when the script ends,
# however it ends.  Nothing here touches the machine's own network.
#
# A script:  . common.sh; lan caller callee; record; ...calls...; finish < facts

set -euo pipefail
export LC_ALL=C

MAKE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
NAME=$(basename "$0" .sh)
OUT=$(realpath "${1:-$MAKE/..}")
WORK=$(mktemp -d "/tmp/$NAME.XXXXXX")
MAX_SECONDS=75          # no process outlives this

declare -A ADDR ADDR6   # host name to its address
declare -A LINPHONE_FD  # host name to the pipe that its Linphone reads commands from
HOSTS=()
PIDS=()
RECORDERS=()
RELAYS=()

cleanup() {
	trap - EXIT
	[ ${#PIDS[@]} -eq 0 ] || kill "${PIDS[@]}" 2>/dev/null || true
	wait
	for host in "${HOSTS[@]}"; do
		ip netns del "$(netns "$host")" || true
	done
	if [ -n "${KEEP_WORK:-}" ]; then
		echo "kept $WORK" >&2
	else
		rm -rf "$WORK"
	fi
}
trap cleanup EXIT
trap 'exit 130' INT TERM

netns() {
	echo "earshot-$$-$1"
}

# on HOST COMMAND...: run in a host and wait for it.
on() {
	local host=$1
	shift
	ip netns exec "$(netns "$host")" timeout -k 2 $MAX_SECONDS "$@"
}

# start HOST LOG COMMAND...: run in a host, in the background; its pid is $!.
start() {
	local host=$1 log=$WORK/$2
	shift 2
	ip netns exec "$(netns "$host")" timeout -k 2 $MAX_SECONDS "$@" \
		>"$log" 2>&1 </dev/null &
	PIDS+=($!)
}

# until_logged LOG WORDS [TENTHS]: a background process says that it is so far.
until_logged() {
	local tries
	for tries in $(seq "${3:-100}"); do
		grep -qs -- "$2" "$WORK/$1" && return
		sleep 0.1
	done
	echo "$NAME: '$2' never came in $1:" >&2
	cat "$WORK/$1" >&2
	exit 1
}

add_host() {
	ip netns add "$(netns "$1")"
	HOSTS+=("$1")
	ip -n "$(netns "$1")" link set lo up
}

# cable HOST IFACE OTHER OTHER_IFACE MAC_BYTE.  Offloads are off, so that what is
# recorded has checksums and segments as they would be on a wire.
cable() {
	local here there
	here=$(netns "$1") there=$(netns "$3")
	ip -n "$here" link add "$2" address "02:00:00:00:00:$5" type veth \
		peer name "$4" netns "$there"
	ip netns exec "$here" ethtool -K "$2" tx off tso off gso off gro off >/dev/null
	ip netns exec "$there" ethtool -K "$4" tx off tso off gso off gro off >/dev/null
	ip -n "$here" link set "$2" up
	ip -n "$there" link set "$4" up
}

# lan HOST...: hosts 198.18.0.1, .2, ... and 2001:db8::1, ::2, ... on one switch.
lan() {
	local n=0 host
	add_host switch
	ip -n "$(netns switch)" link add br0 type bridge forward_delay 0
	ip -n "$(netns switch)" link set br0 up
	for host; do
		n=$((n + 1))
		add_host "$host"
		cable "$host" eth0 switch "port$n" "$(printf %02x $n)"
		ip -n "$(netns switch)" link set "port$n" master br0
		ADDR[$host]=198.18.0.$n
		ADDR6[$host]=2001:db8::$n
		ip -n "$(netns "$host")" addr add "198.18.0.$n/24" dev eth0
		ip -n "$(netns "$host")" addr add "2001:db8::$n/64" dev eth0 nodad
	done
}

# routed CALLER CALLEE: 198.18.1.1 and 198.18.2.1 with a router between them,
# whose eth1 is the caller's side and eth2 the callee's.
routed() {
	local n=0 host
	add_host router
	ip netns exec "$(netns router)" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	for host; do
		n=$((n + 1))
		add_host "$host"
		cable "$host" eth0 router "eth$n" "$(printf %02x $n)"
		ADDR[$host]=198.18.$n.1
		ip -n "$(netns "$host")" addr add "198.18.$n.1/24" dev eth0
		ip -n "$(netns router)" addr add "198.18.$n.254/24" dev "eth$n"
		ip -n "$(netns "$host")" route add default via "198.18.$n.254"
	done
}

# chain CALLER CALLEE: 198.18.1.1 and 198.18.2.1 with two routers between them, west and
# east; each one's eth1 is the caller's side, and the cable between them is the middle.
chain() {
	local n host iface address
	for host in "$1" west east "$2"; do
		add_host "$host"
	done
	ADDR[$1]=198.18.1.1 ADDR[$2]=198.18.2.1
	cable "$1" eth0 west eth1 01
	cable west eth2 east eth1 03
	cable "$2" eth0 east eth2 02
	for n in "$1 eth0 1.1" "west eth1 1.254" "west eth2 3.1" "east eth1 3.2" \
		"east eth2 2.254" "$2 eth0 2.1"; do
		read -r host iface address <<<"$n"
		ip -n "$(netns "$host")" addr add "198.18.$address/24" dev "$iface"
	done
	for host in west east; do
		ip netns exec "$(netns $host)" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward
			for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >$f; done'
	done
	ip -n "$(netns "$1")" route add default via 198.18.1.254
	ip -n "$(netns west)" route add default via 198.18.3.2
	ip -n "$(netns east)" route add default via 198.18.3.1
	ip -n "$(netns "$2")" route add default via 198.18.2.254
}

# relay ROUTER TO_CALLER_MS TO_CALLEE_MS: what a router of the chain forwards is held by a
# program for so long; relay.ROUTER.log has what it measured itself.
relay() {
	local ns
	ns=$(netns "$1")
	ip -n "$ns" tuntap add tun0 mode tun
	ip -n "$ns" link set tun0 up
	ip netns exec "$ns" sh -c 'echo 0 >/proc/sys/net/ipv4/conf/tun0/rp_filter'
	ip -n "$ns" route add default dev tun0 table 100
	ip -n "$ns" rule add iif eth1 lookup 100
	ip -n "$ns" rule add iif eth2 lookup 100
	start "$1" "relay.$1.log" python3 "$MAKE/relay.py" tun0 "198.18.1.0/24=$2" \
		"198.18.2.0/24=$3"
	RELAYS+=($!)
	until_logged "relay.$1.log" ready
}

# behind GATEWAY HOST: a host of its own network, 198.18.5.1, that the others on the switch
# reach through one of theirs.  The gateway's eth0 is the switch's side, its eth1 the host's.
behind() {
	local other
	add_host "$2"
	cable "$2" eth0 "$1" eth1 aa
	ADDR[$2]=198.18.5.1
	ip -n "$(netns "$2")" addr add 198.18.5.1/24 dev eth0
	ip -n "$(netns "$2")" route add default via 198.18.5.254
	ip -n "$(netns "$1")" addr add 198.18.5.254/24 dev eth1
	ip netns exec "$(netns "$1")" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	for other in "${HOSTS[@]}"; do
		[ "$other" = switch ] || [ "$other" = "$1" ] || [ "$other" = "$2" ] ||
			ip -n "$(netns "$other")" route add 198.18.5.0/24 via "${ADDR[$1]}"
	done
}

# record_at HOST IFACE FILE [FILTER]
record_at() {
	start "$1" "tcpdump.$3.log" tcpdump -Z root -i "$2" -s 0 -B 8192 -U \
		--immediate-mode -w "$WORK/$3" "${4:-udp or tcp or ip6 proto 44}"
	RECORDERS+=($!)
	until_logged "tcpdump.$3.log" 'listening on'
}

# record [FILTER]: everything that crosses the switch, each frame once.
record() {
	record_at switch br0 "$NAME.pcap" "${1:-}"
}

record_stop() {
	local pid
	sleep 0.5
	kill "${RECORDERS[@]}"
	for pid in "${RECORDERS[@]}"; do
		wait "$pid" || true
	done
	RECORDERS=()
	if grep -h 'dropped by kernel' "$WORK"/tcpdump.*.log | grep -qv '^0 '; then
		echo "$NAME: the recorder lost frames" >&2
		exit 1
	fi
}

# finish: stop recording, check the capture against the facts on stdin (JSON) and
# put it and its truth into place.
finish() {
	[ ${#RECORDERS[@]} -eq 0 ] || record_stop
	cat >"$WORK/facts.json"
	python3 "$MAKE/truth.py" "$WORK/$NAME.pcap" "$WORK/facts.json" \
		>"$WORK/truth.json"
	cp "$WORK/$NAME.pcap" "$OUT/$NAME.pcap"
	cp "$WORK/truth.json" "$OUT/$NAME.truth.json"
	echo "$NAME: $(stat -c %s "$OUT/$NAME.pcap") bytes"
}

# media FILE OPTION...: RTP for SIPp to play; see media.py.
media() {
	local file=$1
	shift
	python3 "$MAKE/media.py" "$WORK/$file" "$@"
}

# rtpengine_start HOST OPTION...: its control port is 22222 of the host's loopback.
rtpengine_start() {
	local host=$1
	shift
	start "$host" rtpengine.log rtpengine --foreground --log-stderr --table=-1 \
		--config-file=none --pidfile="$WORK/rtpengine.pid" \
		--interface="${ADDR[$host]}" --listen-ng=127.0.0.1:22222 \
		--port-min=30000 --port-max=30999 --num-threads=1 "$@"
	until_bound "$host" 22222
}

# b2bua_start HOST NEXT_HOP OPTION...: a back-to-back user agent; b2bua.py.  It needs
# rtpengine_start on the host.
b2bua_start() {
	local host=$1 next_hop=$2
	shift 2
	start "$host" b2bua.log python3 "$MAKE/b2bua.py" "${ADDR[$host]}" "$next_hop" 22222 "$@"
	until_bound "$host" 5060
}

# kamailio_start HOST CONFIG OPTION...: listens on the host's first address; all in the
# foreground of one process group, so that it ends with the script.
kamailio_start() {
	local host=$1 config=$2
	shift 2
	mkdir -p "$WORK/kamailio"
	start "$host" kamailio.log kamailio -DD -E -m 32 -M 8 -f "$MAKE/kamailio/$config" \
		-Y "$WORK/kamailio" -P "$WORK/kamailio/pid" -w "$WORK/kamailio" \
		-l "udp:${ADDR[$host]}:5060" -n 1 "$@"
	until_bound "$host" 5060
}

# until_bound HOST PORT: somebody listens there, over UDP or TCP.
until_bound() {
	local tries
	for tries in $(seq 100); do
		ip netns exec "$(netns "$1")" ss -Hnlut "sport = :$2" | grep -q . && return
		sleep 0.1
	done
	echo "$NAME: nobody listens on port $2 of $1" >&2
	tail -n 20 "$WORK"/*.log >&2
	exit 1
}

# baresip_start HOST ADDRESS_OF_RECORD HERTZ ACCOUNT_OPTIONS [NAME/RATE/CHANNELS [LINE...]]:
# a softphone that plays a tone into its calls; commands go to it by baresip_do.  Each
# LINE is added to its configuration.
baresip_start() {
	local host=$1 aor=$2 hertz=$3 account=$4 codec=${5:-PCMA/8000/1} dir=$WORK/baresip.$1
	local name rate channels
	shift $(($# < 5 ? $# : 5))
	IFS=/ read -r name rate channels <<<"$codec"
	mkdir "$dir"
	sox -n -r "$rate" -c "$channels" -b 16 "$dir/tone.wav" synth 60 sine "$hertz" vol 0.5
	sed -e "s|@ADDR@|${ADDR[$host]}|; s|@DIR@|$dir|; s|@RATE@|$rate|" \
		-e "s|@CHANNELS@|$channels|" "$MAKE/baresip/config" >"$dir/config"
	[ $# -eq 0 ] || printf '%s\n' "$@" >>"$dir/config"
	echo "<sip:$aor>;audio_codecs=$codec;$account" >"$dir/accounts"
	: >"$dir/contacts"
	start "$host" "baresip.$host.log" baresip -f "$dir"
	until_bound "$host" 4444
}

# baresip_b2bua HOST NEXT_HOP: a baresip that answers no call but makes another of each.
baresip_b2bua() {
	local dir=$WORK/baresip.$1 file
	mkdir "$dir"
	for file in config accounts; do
		sed -e "s|@ADDR@|${ADDR[$1]}|; s|@DIR@|$dir|; s|@NEXT_HOP@|$2|" \
			"$MAKE/baresip/b2bua.$file" >"$dir/$file"
	done
	: >"$dir/contacts"
	start "$1" "baresip.$1.log" baresip -f "$dir"
	until_bound "$1" 5060
}

# baresip_do HOST COMMAND [PARAMETERS]: as typed at it, over its control port.
baresip_do() {
	local json="{\"command\":\"$2\",\"params\":\"${3:-}\",\"token\":\"0\"}"
	on "$1" bash -c 'exec 3<>/dev/tcp/127.0.0.1/4444 && printf "%s" "$1" >&3 &&
		timeout 1 cat <&3' - "${#json}:$json," >>"$WORK/baresip_do.log" || true
}

# linphone_start HOST NAME CODEC [OPTION...]: a Linphone that offers one codec; commands go
# to it by linphone_do.  XR_RTT: which RTCP XR it asks for, all or none; see its config.
linphone_start() {
	local host=$1 name=$2 codec=$3 dir=$WORK/linphone.$1
	shift 3
	mkdir -p "$dir/.local/share/linphone" "$dir/.config/linphone"
	# It finds its own address by the route to the world.
	[ -n "$(ip -n "$(netns "$host")" route show default)" ] ||
		ip -n "$(netns "$host")" route add default dev eth0
	sed -e "s|@ADDR@|${ADDR[$host]}|; s|@NAME@|$name|g; s|@XR_RTT@|${XR_RTT:-none}|" \
		-e "s|@COLLECTOR@|${ADDR[collector]:-}|g" \
		-e "s|@REPORTS@|$((${#ADDR[collector]} > 0))|g" "$MAKE/linphone/config" \
		>"$dir/linphonerc"
	mkfifo "$dir/commands"
	exec {LINPHONE_FD[$host]}<>"$dir/commands"
	HOME=$dir start "$host" "linphone.$host.log" sh -c 'exec "$@" <"$0"' "$dir/commands" \
		linphone-daemon --config "$dir/linphonerc" --log "$dir/log" "$@"
	until_bound "$host" 5060
	linphone_do "$host" audio-codec-disable ALL
	linphone_do "$host" audio-codec-enable "$codec"
}

# linphone_do HOST COMMAND...
linphone_do() {
	local host=$1
	shift
	echo "$*" >&"${LINPHONE_FD[$host]}"
	sleep 0.3
}

# long_sdp LINES: what an ICE agent with many addresses adds to its SDP.
long_sdp() {
	local n
	for n in $(seq "$1"); do
		printf 'a=candidate:%d 1 UDP %d 198.18.%d.1 %d typ host\n' \
			"$n" $((2130706431 - n)) "$n" $((40000 + 2 * n))
	done
}

# sipp_at HOST SCENARIO OPTION...: one SIPp in the foreground; @WORK@ in the
# scenario stands for the folder with the media, @NAME@ for the value of
# the environment's variable of that name.
sipp_at() {
	local host=$1 scenario
	scenario=$(scenario "$2")
	shift 2
	(cd "$WORK" && on "$host" sipp -sf "$scenario" -m 1 -nostdin -timeout 60 \
		-trace_err -max_socket 16 "$@" >"$WORK/sipp.$host.$RANDOM.log" 2>&1) || {
		echo "$NAME: SIPp at $host ended with $?" >&2
		cat "$WORK"/sipp."$host".*.log "$WORK"/*_errors.log >&2
		exit 1
	}
}

# call_number CALL_ID FROM TO MS CALLER CALLEE PROXY: one call of SIPp's from number to
# number, G.711, answered after 800 ms; media is in caller.pcap and callee.pcap.
call_number() {
	local media=$'8\na=rtpmap:8 PCMA/8000'
	printf 'SEQUENTIAL\n%s;%s\n' "$2" "$3" >"$WORK/numbers"
	MEDIA=${CALLEE_MEDIA:-$media} RING_MS=800 sipp_start "$6" callee_number \
		-i "${ADDR[$6]}" -p 5060 -mp 6000
	MEDIA=$media TALK_MS=$4 sipp_at "$5" caller_number -i "${ADDR[$5]}" -p 5060 \
		-mp 4000 -inf "$WORK/numbers" -cid_str "$1" "${ADDR[$7]}:5060"
}

# sender HOST ADDRESS:PORT FILE OPTION...: ffmpeg plays a file into a call of SIPp's, from
# port 7000, in the background; its options name the encoder.  PACKET_SIZE: with RTP header.
sender() {
	local host=$1 peer=$2 file=$3
	shift 3
	start "$host" "ffmpeg.$host.log" ffmpeg -hide_banner -nostdin -loglevel warning -re \
		-f lavfi -i "amovie=$WORK/$file,asetnsamples=80" "$@" -fflags +bitexact -f rtp \
		"rtp://$peer?localrtpport=7000&localrtcpport=7001&pkt_size=${PACKET_SIZE:-1200}"
}

# speech FILE RATE SECONDS: a second of a sliding tone, a second of all but nothing, ...
speech() {
	local part=$WORK/$1.part.wav
	sox -n -r "$2" -c 1 -b 16 "$part" synth 1 sine 300-900 vol 0.5 fade 0.02 1 0.02 \
		pad 0 1
	sox "$part" "$WORK/$1" repeat $(($3 / 2 - 1))
}

# frame_types ADDRESS nb|wb PAYLOAD_TYPE: how many frames of each type (RFC 4867 FT) an AMR
# sender sent, as tshark reads them.
frame_types() {
	local mode="AMR ${2^^}"
	tshark -n -r "$WORK/$NAME.pcap" -o "amr.dynamic.payload.type:$3" \
		-o "amr.mode:${mode/ NB/}" -Y "rtp && ip.src == $1" -T fields \
		-e "amr.$2.toc.ft" 2>/dev/null | tr ',' '\n' | sort -n | uniq -c |
		awk '{ printf "%s\"%s\": %s", (NR > 1 ? ", " : ""), $2, $1 }'
}

# sipp_start HOST SCENARIO OPTION...: the same in the background.
sipp_start() {
	sipp_at "$@" &
	PIDS+=($!)
	sleep 0.5
}

# sipp_serve HOST SCENARIO OPTION...: one that answers until the script ends or kills it;
# its pid is $!.
sipp_serve() {
	local host=$1 file
	file=$(scenario "$2")
	shift 2
	start "$host" "sipp.$host.$RANDOM.log" sipp -sf "$file" -nostdin -max_socket 16 \
		-i "${ADDR[$host]}" -p 5060 -trace_err -error_file "$WORK/$host.errors" "$@"
	until_bound "$host" 5060
}

scenario() {
	local file text name
	file=$(mktemp "$WORK/$1.XXXXXX.xml")
	text=$(<"$MAKE/sipp/$1.xml")
	text=${text//@WORK@/$WORK}
	for name in STATUS CODE PROGRESS_TAG PROGRESS RING_MS TALK_MS HOLD_MS EXTRA_SDP \
		MEDIA TAG; do
		text=${text//@$name@/${!name:-}}
	done
	printf '%s\n' "$text" >"$file"
	echo "$file"
}
