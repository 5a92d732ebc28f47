#!/bin/sh
# Prints the migrations given, in order, as C for schema/migrations.h: NAME[], and the number of them.
# A string literal may not be that long in ISO C, so they become arrays of numbers.
#
# usage: embed.sh NAME migrations/001_*.sql migrations/002_*.sql ...
set -eu
name=$1
shift

echo '#include "schema/migrations.h"'
for file in "$@"; do
	number=$(basename "$file" | sed 's/_.*//')
	if LC_ALL=C grep -n '[^ -~	]' "$file" >&2; then
		echo "$file: only ASCII, please" >&2
		exit 1
	fi
	echo
	echo "static const char sql_$number[] = {"
	od -An -v -t u1 "$file" | sed 's/[0-9][0-9]*/&,/g'
	echo '0 };'
done
echo
echo "const struct migration $name[] = {"
for file in "$@"; do
	number=$(basename "$file" | sed 's/_.*//')
	echo "	{ $(echo "$number" | sed 's/^0*//'), sql_$number },"
done
echo '};'
echo "const size_t ${name%s}_count = sizeof $name / sizeof $name[0];"
