#!/bin/bash
# Every test of a build, one line each: ok, FAILED or skipped, and its seconds; the output
# only of those that failed.
# usage: BUILD=build tests/run.sh
#
# A test is a program: status 0 is success, unless its output begins with "skipped: ".
# Scripts find the program to test in EARSHOT, and everything built in BUILD.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
# Many wait for what a probe does by the second, and leave a processor to others.
at_once=$(($(nproc) + 1))
UNIT_LIMIT_S=180
SCRIPT_LIMIT_S=400

# Runs one test and says how it went; the lock keeps lines of tests apart.
if [ "${1-}" = --one ]; then
	results=$2 name=$3 limit=$4
	shift 4
	output=$results/${name//\//-}.output
	begin=$(date +%s%N)
	timeout --kill-after=10 "$limit" "$@" > "$output" 2>&1 < /dev/null
	status=$?
	seconds=$(($(date +%s%N) - begin))
	seconds=$(printf '%d.%d' $((seconds / 1000000000)) $((seconds / 100000000 % 10)))
	verdict=FAILED
	[ $status -eq 0 ] && verdict=ok
	[ $status -eq 0 ] && grep -q '^skipped: ' <(head -n 1 "$output") && verdict=skipped
	exec 9> "$results/lock"
	flock 9
	echo "$verdict" >> "$results/verdicts"
	printf '%-8s%7s s  %s\n' $verdict "$seconds" "$name"
	[ $verdict = skipped ] && sed 's/^skipped: /                   /; q' "$output"
	if [ $verdict = FAILED ]; then
		[ $status -eq 124 ] && echo "it took longer than $limit s"
		tail -n 60 "$output"
	fi
	exit 0
fi

BUILD=$(realpath "${BUILD:-build}")
export BUILD
export EARSHOT=$BUILD/earshot

# What strangers send is tried on a build with sanitizers, where there is one.
sanitized=$BUILD
pure=yes
case $BUILD in
*/asan | */tsan | */coverage) pure=no ;;
*) [ -x "$BUILD/asan/earshot" ] && sanitized=$BUILD/asan ;;
esac

# Name, seconds at most, command: the slow ones first.
list_tests()
{
	local file name
	for file in tests/torture/run.py tests/hostile/run.py tests/oracle/compare.py \
		tests/*/run.py tests/*/test_*.py; do
		[ -e "$file" ] || continue
		name=${file#tests/}
		case $file in
		*/hostile/* | */web_fuzz/*) echo "$name $SCRIPT_LIMIT_S env EARSHOT=$sanitized/earshot $file" ;;
		*/store/*) echo "$name $SCRIPT_LIMIT_S $file $EARSHOT" pcaps/*.pcap ;;
		*) echo "$name $SCRIPT_LIMIT_S $file" ;;
		esac
	done | awk '!seen[$1]++'
	for file in "$BUILD"/tests/unit/test_*; do
		[ -f "$file" ] && [ -x "$file" ] && echo "unit/${file##*/} $UNIT_LIMIT_S $file"
	done
	for file in "$sanitized"/replay/*; do
		name=${file##*/}
		[ -f "$file" ] && echo "replay/$name $UNIT_LIMIT_S $file tests/fuzz/seeds/$name"
	done
	echo "check_includes $UNIT_LIMIT_S tests/check_includes.sh"
	[ $pure = yes ] && echo "check_pure $UNIT_LIMIT_S tests/check_pure.sh $BUILD/libanalyzer.a"
}

results=$(mktemp -d "$BUILD/test-results.XXXXXX")
trap 'rm -rf "$results"' EXIT
: > "$results/verdicts"
list_tests > "$results/list"
xargs -P $at_once -L 1 "$0" --one "$results" < "$results/list"

count_of()
{
	grep -cx "$1" "$results/verdicts"
}
total=$(wc -l < "$results/list")
passed=$(count_of ok)
skipped=$(count_of skipped)
echo "$passed passed, $((total - passed - skipped)) failed, $skipped skipped"
[ "$total" -gt 0 ] && [ $((passed + skipped)) -eq "$total" ]
