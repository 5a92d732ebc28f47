#!/bin/bash
# Line coverage by file and by folder, from a build with --coverage whose tests have run.
# Fails when a parser, that is whoever reads strangers' bytes, has less than LEAST_PCT.
# usage: coverage.sh BUILD
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
LEAST_PCT=90
parsers='^(analyzer/wire/|probe/(decode|fragments|tcp_stream|tls|source_pcap))'

# A header's lines count as in the file that runs most of them.
find "$build" -name '*.gcda' | while read -r data; do
	gcov -n "$data" 2>/dev/null
done | awk -v least=$LEAST_PCT -v parsers="$parsers" '
	/^File/ { split($0, part, "\047"); file = part[2] }
	/^Lines executed/ && file ~ /^(analyzer|probe|schema|web)\// {
		split($2, share, ":"); sub(/%/, "", share[2])
		if (!(file in lines) || share[2] * $4 > 100 * hit[file]) {
			lines[file] = $4; hit[file] = share[2] * $4 / 100
		}
	}
	END {
		for (file in lines) {
			folder = file
			sub(/\/[^\/]*$/, "", folder)
			all[folder] += lines[file]; good[folder] += hit[file]
			few = file ~ parsers && 100 * hit[file] < least * lines[file]
			bad += few
			printf "%6.1f %%  %s%s\n", 100 * hit[file] / lines[file], file,
			       few ? "  TOO FEW" : ""
		}
		for (folder in all)
			printf "%6.1f %%  %s (all)\n", 100 * good[folder] / all[folder], folder
		exit bad > 0
	}' | sort -k3
