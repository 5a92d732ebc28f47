#!/bin/sh
# Prints a file as C for web/openapi.h: NAME[] and NAME_size.
#
# usage: embed.sh NAME FILE
set -eu

echo '#include "web/openapi.h"'
echo
echo "const unsigned char $1[] = {"
od -An -v -t u1 "$2" | sed 's/[0-9][0-9]*/&,/g'
echo '};'
echo "const size_t $1_size = sizeof $1;"
