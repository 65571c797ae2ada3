#!/usr/bin/env python3
"""Repeats the records of a JSONL under other IDs until there are enough.

    zstd -dc corpus.jsonl.zst | multiply.py COUNT > big.jsonl

The first pass keeps the records as they are. Each later pass gives every record
another number, wherever the record names its own ID, and other commits, so that
the index gets as many different words and addresses as a real list has.
"""

import re
import sys

COMMIT = re.compile(r"\b[0-9a-f]{40}\b")
ID = re.compile(r'"cveId"\s*:\s*"(CVE-(\d{4})-(\d+))"')


def again(line, turn):
    """The record of a line, under the ID it gets in this turn."""
    match = ID.search(line)
    if not match or turn == 0:
        return line
    found, year, number = match.groups()
    line = line.replace(found, f"CVE-{year}-{turn}{int(number):07}")
    return COMMIT.sub(lambda commit: f"{turn:x}{commit.group()[1:]}", line)


def main():
    wanted = int(sys.argv[1])
    lines = sys.stdin.readlines()
    for count in range(wanted):
        turn, place = divmod(count, len(lines))
        sys.stdout.write(again(lines[place], turn))


main()
