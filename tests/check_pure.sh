#!/bin/sh
# Fails when the analyzer calls anything of libc that is not memory, string or arithmetic.
# (clang makes bcmp of a memcmp that only asks for equality.)
# usage: check_pure.sh libanalyzer.a
set -eu
allowed='^(calloc|malloc|realloc|aligned_alloc|madvise|free|mem(cpy|move|set|cmp|chr|mem)|bcmp|str(len|nlen)|qsort|bsearch|(v?snprintf)|inet_(pton|ntop)|a?(cos|sin|tan)|atan2|exp|pow|log|log10|log2|sqrt|hypot|fabs|fm(ax|in|od)|floor|ceil|round|lround|llround|trunc|nan|__(stack_chk_fail|assert_fail|memcpy_chk|memset_chk|memmove_chk|v?snprintf_chk)|_GLOBAL_OFFSET_TABLE_|__(asan|ubsan|tsan)_.*|__(llvm|gcov).*)$'
nm -u "$1" | sed -n 's/^ *U //p' | sort -u > "$1.undefined"
nm --defined-only "$1" | awk 'NF == 3 { print $3 }' | sort -u > "$1.defined"
bad=$(comm -23 "$1.undefined" "$1.defined" | grep -vE "$allowed" || true)
if [ -n "$bad" ]; then
	echo "the analyzer calls:" $bad
	exit 1
fi
