#!/bin/sh
# Fails on an #include that the table of folders forbids.  Ours are written from the top
# ("analyzer/wire/rtp.h"), so the path says who is included.
set -eu
cd "$(dirname "$0")/.."

# folder, then what it may include (extended regular expressions on the path)
allowed='
analyzer/base      analyzer/base/
analyzer/model     analyzer/(base|model)/
analyzer/quality   analyzer/(base|model|quality)/
analyzer/wire      analyzer/(base|wire)/
analyzer/track     analyzer/(base|model|quality|wire|track)/
analyzer           analyzer/
schema             (schema/|analyzer/(base|model)/)
web                (web/|schema/|analyzer/(base|model)/)
probe              (probe/|web/|schema/|analyzer/)
'
bad=0
while read -r folder pattern; do
	[ -n "$folder" ] || continue
	found=$(grep -nE '^#include "' "$folder"/*.[ch] |
		grep -vE "^[^:]*:[0-9]*:#include \"$pattern" || true)
	if [ -n "$found" ]; then
		echo "$folder may not include:"
		echo "$found"
		bad=1
	fi
done <<EOF
$allowed
EOF

# No circles between files: a header that reaches itself.
python3 - <<'EOF' || bad=1
import glob, re, sys
graph = {}
for path in glob.glob("*/**/*.h", recursive=True):
    with open(path) as file:
        graph[path] = re.findall(r'^#include "([^"]+)"', file.read(), re.M)
whole = set()  # those below which there is no circle
def walk(path, trail):
    if path in trail:
        print("circle:", " -> ".join(trail[trail.index(path):] + [path]))
        sys.exit(1)
    for other in graph.get(path, []):
        if other not in whole:
            walk(other, trail + [path])
    whole.add(path)
for path in graph:
    walk(path, [])
EOF
exit $bad
