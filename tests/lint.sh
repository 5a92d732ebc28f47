#!/bin/bash
# clang-format, both compilers, clang-tidy and cppcheck, each quiet or it fails.
set -uo pipefail
cd "$(dirname "$0")/.."
bad=0
sources=$(git ls-files '*.c')

echo clang-format
git ls-files '*.c' '*.h' | xargs clang-format --dry-run -Werror || bad=1

for compiler in gcc clang; do
	echo "$compiler"
	make -s -k -j2 CC=$compiler BUILD=build/lint-$compiler all unit replays || bad=1
done

flags='-std=c17 -D_GNU_SOURCE -I.'
# One file at a time: with several, version 14 forgets what a va_list is.
echo clang-tidy
# shellcheck disable=SC2086
printf '%s\n' $sources | xargs -P 2 -n 1 sh -c 'clang-tidy --quiet "$@" -- '"$flags"' 2>/dev/null' _ || bad=1

echo tsc
flock web/ui web/ui/install.sh && (cd web/ui && node_modules/.bin/tsc --noEmit) || bad=1

echo cppcheck
# shellcheck disable=SC2086
cppcheck -q -j 2 --std=c11 -I. -D_GNU_SOURCE --enable=warning,performance,portability \
	'-Djson_object_foreach(object, key, value)=while (next(object, &key, &value))' \
	'-Djson_array_foreach(array, index, value)=while (next(array, &index, &value))' \
	--inline-suppr --suppress=missingIncludeSystem --error-exitcode=1 $sources || bad=1
exit $bad
