#!/bin/bash
# The benchmark: cost of `earshot analyze` over an empty libpcap loop, and the truth of what
# it measures.
#
#   BUILD=build tests/bench/run.sh [--check] [--rounds N] [--seconds S]
#
# Two captures are generated: 5,000 and 20,000 concurrent calls of --seconds (10) each, and
# one of signalling alone; then come the alert rules, packets that are sent to a probe which
# listens, and how soon that answers.  A figure that differs from the generator's truth is always an error.  A
# missed target of speed or memory is one only with --check: the machine may be busy with
# other things.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${BUILD:-build}" && pwd)
check=0 rounds=5 seconds=10
while [ $# -gt 0 ]; do
	case $1 in
	--check)   check=1; shift ;;
	--rounds)  rounds=$2; shift 2 ;;
	--seconds) seconds=$2; shift 2 ;;
	*)         sed -n '2,11s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
	esac
done
for program in earshot bench/generate bench/generate_sip bench/empty_loop bench/rules \
	bench/send; do
	if [ ! -x "$build/$program" ]; then
		echo "$build/$program is missing: run make bench" >&2
		exit 1
	fi
done

temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
missed=0

# bench CALLS LIMIT [WALL-LIMIT]: of CPU time with one worker, of time with two
bench()
{
	local calls=$1 limit=$2 wall=${3:-} status=0 truth=$temp/truth.json
	local packets=$((calls * (2 * 50 * seconds + 7))) # 50 a second each way, and SIP
	echo "$calls concurrent calls of $seconds s:"
	"$build/bench/generate" --calls "$calls" --packets "$packets" --seed 1 \
		-o "$temp/calls.pcap" --truth "$truth" | sed 's/^/  /'
	python3 "$here/measure.py" --build "$build" --rounds "$rounds" --limit "$limit" \
		${wall:+--wall-limit "$wall"} \
		--streams $((2 * calls)) --dialogs "$calls" \
		"$temp/calls.pcap" "$temp/calls.db" || status=$?
	[ "$status" -eq 3 ] && missed=1
	[ "$status" -eq 0 ] || [ "$status" -eq 3 ] || exit 1
	"$build/earshot" analyze --json "$temp/calls.pcap" > "$temp/measured.json"
	python3 "$here/compare_truth.py" "$truth" "$temp/measured.json" | sed 's/^/  /'
}

bench 5000 3 1.8
bench 20000 4
echo "signalling alone:"
status=0
python3 "$here/signalling.py" --build "$build" --rounds "$rounds" || status=$?
[ "$status" -eq 3 ] && missed=1
[ "$status" -eq 0 ] || [ "$status" -eq 3 ] || exit 1
echo "alert rules:"
status=0
"$build/bench/rules" || status=$?
[ "$status" -eq 3 ] && missed=1
[ "$status" -eq 0 ] || [ "$status" -eq 3 ] || exit 1
echo "live, over a pair of virtual interfaces:"
status=0
EARSHOT=$build/earshot BUILD=$build "$here/live.py" --check || status=$?
[ "$status" -eq 3 ] && missed=1
[ "$status" -eq 0 ] || [ "$status" -eq 3 ] || exit 1
echo "how soon:"
status=0
EARSHOT=$build/earshot "$here/limits.py" || status=$?
[ "$status" -eq 3 ] && missed=1
[ "$status" -eq 0 ] || [ "$status" -eq 3 ] || exit 1
if [ "$missed" -eq 1 ] && [ "$check" -eq 1 ]; then
	echo "a target was missed" >&2
	exit 1
fi
