#!/usr/bin/env python3
"""Prints the files of a folder as C for web/assets.h, compressed.

usage: embed_assets.py FOLDER
"""
import gzip
import hashlib
import os
import re
import sys

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
         ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
         ".webmanifest": "application/manifest+json", ".txt": "text/plain; charset=utf-8"}
HASHED = re.compile(r"-[0-9A-Z]{8}\.")  # as esbuild names what it bundles


def as_c(octets):
    lines = (", ".join(str(o) for o in octets[i:i + 20]) for i in range(0, len(octets), 20))
    return ",\n\t".join(lines)


def main(folder):
    print('#include "web/assets.h"\n')
    rows = []
    for number, name in enumerate(sorted(os.listdir(folder))):
        with open(os.path.join(folder, name), "rb") as file:
            plain = file.read()
        packed = gzip.compress(plain, 9, mtime=0)
        tag = hashlib.sha256(plain).hexdigest()[:16]
        kind = TYPES[os.path.splitext(name)[1]]
        hashed = "true" if HASHED.search(name) else "false"
        print(f"static const unsigned char file_{number}[] = {{\n\t{as_c(packed)}\n}};\n")
        rows.append(f'\t{{ "/{name}", "{kind}", "W/\\"{tag}\\"", {hashed}, '
                    f"file_{number}, sizeof file_{number}, {len(plain)} }},")
    print("const struct asset assets[] = {", *rows, "};", sep="\n")
    print("const size_t asset_count = ARRAY_LEN(assets);")


main(sys.argv[1])
