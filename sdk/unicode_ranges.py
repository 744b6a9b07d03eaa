#!/usr/bin/env python3
"""Writes include/xray/impl/name_characters.inc: the code points that a name may hold beyond ASCII.

X-Ray allows the Unicode categories letter (L*), number (N*) and separator (Z*) in names. Run this
again to follow a newer Unicode; the result is committed.
"""
import pathlib
import sys
import unicodedata

ranges = []
for code in range(0x80, sys.maxunicode + 1):
    if unicodedata.category(chr(code))[0] in "LNZ":
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])

out = pathlib.Path(__file__).parent / "include/xray/impl/name_characters.inc"
lines = [f"// Made by unicode_ranges.py from Unicode {unicodedata.unidata_version}: first, last."]
line = ""
for first, last in ranges:
    item = f"{{{first:#x}, {last:#x}}}, "
    if len(line) + len(item) > 99:
        lines.append(line.rstrip())
        line = ""
    line += item
lines.append(line.rstrip())
out.write_text("\n".join(lines) + "\n")
