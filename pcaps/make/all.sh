#!/bin/bash
# Records every capture anew into the folder given, or into pcaps/.  Needs root (network
# namespaces) and the Debian packages that pcaps/README.md names; takes ten minutes.
set -eu
make=$(cd "$(dirname "$0")" && pwd)
out=${1:-$make/..}
mkdir -p "$out"
failed=
# answered comes first: vlan and qinq are made from it.
for name in answered $(cd "$make" && ls *.sh | sed 's/\.sh$//' |
		grep -vx -e all -e common -e answered); do
	bash "$make/$name.sh" "$out" || failed="$failed $name"
done
[ -z "$failed" ] || { echo "not recorded:$failed" >&2; exit 1; }
