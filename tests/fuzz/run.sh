#!/bin/bash
# Each fuzzer of a build for some seconds, from its seeds.  What fails is kept beside it.
# usage: BUILD=build/fuzzing tests/fuzz/run.sh SECONDS [TARGET...]
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
seconds=${1:?how many seconds for each target}
shift
build=${BUILD:-build/fuzzing}
most_bytes=8192
most_mib=2048 # of memory
slowest_s=10  # for one input
targets=("$@")
[ ${#targets[@]} -gt 0 ] ||
	mapfile -t targets < <(find "$build/fuzz" -maxdepth 1 -type f -executable -printf '%f\n' | sort)
if [ ${#targets[@]} -eq 0 ]; then
	echo "no fuzzer in $build/fuzz"
	exit 1
fi

run_target()
{
	local name=$1 corpus=$build/corpus/$1 log=$build/fuzz-$1.log
	mkdir -p "$corpus"
	if "$build/fuzz/$name" -max_total_time="$seconds" -max_len=$most_bytes \
		-rss_limit_mb=$most_mib -timeout=$slowest_s -print_final_stats=1 \
		-artifact_prefix="$build/finding-$name-" "$corpus" "tests/fuzz/seeds/$name" \
		> "$log" 2>&1; then
		printf 'ok      %10s runs  %s\n' \
			"$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" "$name"
	else
		printf 'FAILED                   %s, see %s\n' "$name" "$log"
		grep -E 'Assertion|runtime error|ERROR|SUMMARY|Test unit written' "$log"
		return 1
	fi
}

failed=0
running=0
for name in "${targets[@]}"; do
	run_target "$name" &
	running=$((running + 1))
	if [ $running -eq 2 ]; then # two cores
		wait -n || failed=1
		running=$((running - 1))
	fi
done
while [ $running -gt 0 ]; do
	wait -n || failed=1
	running=$((running - 1))
done
exit $failed
