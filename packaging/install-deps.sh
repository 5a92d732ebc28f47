#!/bin/sh
# Installs the Debian packages given, those that are missing only; safe to repeat.  COMMAND:PACKAGE
# is for a command that may be there without Debian's package, which then would only be in its way.
set -eu
missing=$(for wanted in "$@"; do
	package=${wanted#*:}
	[ "$package" != "$wanted" ] && command -v "${wanted%%:*}" >/dev/null && continue
	dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
		echo "$package"
done)
[ -n "$missing" ] || exit 0
echo "installing:" $missing
as_root=
[ "$(id -u)" -eq 0 ] || as_root=sudo
options='-o DPkg::Lock::Timeout=600 -qq'
$as_root apt-get $options update
# shellcheck disable=SC2086 # a list of names
$as_root env DEBIAN_FRONTEND=noninteractive apt-get $options install -y \
	--no-install-recommends $missing >/dev/null
