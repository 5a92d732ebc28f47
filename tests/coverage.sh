#!/bin/bash
# Line coverage of the parsers and of everything else, from a build with --coverage.
# usage: coverage.sh BUILD
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
find "$build" -name '*.gcda' | while read -r data; do
	gcov -n "$data" 2>/dev/null
done | awk '
	/^File/ { gsub(/.*\047(.*)\047/, "&"); split($0, part, "\047"); file = part[2] }
	/^Lines executed/ && file ~ /^(analyzer|probe|schema|web)\// {
		split($2, share, ":"); sub(/%/, "", share[2])
		lines[file] = $4; hit[file] = share[2] * $4 / 100
	}
	END {
		for (file in lines) {
			split(file, path, "/")
			folder = path[1] == "analyzer" ? path[1] "/" path[2] : path[1]
			all[folder] += lines[file]; good[folder] += hit[file]
			printf "%6.1f %%  %s\n", 100 * hit[file] / lines[file], file
		}
		for (folder in all)
			printf "%6.1f %%  %s (all)\n", 100 * good[folder] / all[folder], folder
	}' | sort -k3
