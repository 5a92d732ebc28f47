#!/bin/sh
# Installs what the pages are built with, as package-lock.json says, if that is not there yet.
set -eu
cd "$(dirname "$0")"
installed=node_modules/.package-lock.json
[ -e $installed ] && [ $installed -nt package-lock.json ] && [ $installed -nt package.json ] && exit
npm ci --ignore-scripts --no-progress --loglevel=error >/dev/null
touch $installed
