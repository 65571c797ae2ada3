"""Times `cna check` from outside and prints a table; run by bench/check."""

import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

CNA, SHARED = sys.argv[1], pathlib.Path(sys.argv[2])
ROUNDS = 5


def once(arguments):
    """Wall seconds, CPU seconds and peak MB of one run."""
    start = time.perf_counter()
    child = subprocess.Popen(
        [CNA, "check", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):
        sys.exit(f"cna check {' '.join(arguments)} ended with {child.returncode}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def measured(arguments, rounds=ROUNDS):
    """The medians of some runs, after one that is not counted."""
    once(arguments)
    runs = [once(arguments) for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*runs)]


def row(what, arguments, records=None, rounds=ROUNDS):
    wall, cpu, peak = measured(arguments, rounds)
    each = f"{cpu / records * 1e6:7.2f} us a record" if records else f"{cpu * 1e3:7.2f} ms CPU     "
    print(f"{what:44} {each}  {wall * 1e3:9.1f} ms  {peak:6.1f} MB", flush=True)
    return wall


with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    lines = subprocess.run(
        ["zstd", "-dc", SHARED / "corpus.jsonl.zst"], capture_output=True, check=True
    ).stdout
    corpus = folder / "corpus.jsonl"
    corpus.write_bytes(lines)
    records = lines.splitlines()
    files = folder / "files"
    subprocess.run(
        f"mkdir {files} && zstd -dc {SHARED / 'dev-sample.tar.zst'} | tar -x -C {files}",
        shell=True,
        check=True,
    )
    count = sum(1 for _ in files.rglob("CVE-*.json"))
    one = next(files.rglob("CVE-2024-*.json"))
    print(f"{len(records)} records in a file of lines, {count} files; medians of {ROUNDS} runs")
    print(f"{'':44} {'CPU':>17}  {'wall':>9}     {'peak':>6}")
    quiet = ["--output", "ndjson"]
    for level in ("schema", "server", "lint"):
        at = ["--level", level, *quiet]
        row(f"{level}, lines, 1 thread", [str(corpus), "--jobs", "1", *at], len(records))
        row(f"{level}, files, 1 thread", [str(files), "--jobs", "1", *at], count)
    for level in ("schema", "lint"):
        at = ["--level", level, *quiet]
        walls = [
            row(f"{level}, lines, {jobs} thread(s)", [str(corpus), "--jobs", str(jobs), *at], len(records))
            for jobs in (1, 2)
        ]
        print(f"  a second thread is worth {walls[0] / walls[1]:.2f} times one")
    row("lint, packed lines, 2 threads", [str(SHARED / "corpus.jsonl.zst"), "--jobs", "2", *quiet], len(records))
    row("schema, one file", [str(one), "--level", "schema"], rounds=50)
    row("lint, one file", [str(one)], rounds=50)
    large = folder / "large.json"
    large.write_bytes(b'{"a": "' + b"x" * 100_000_000 + b'"}')
    row("lint, one document of 100 MB", [str(large), *quiet], rounds=3)
    large.rename(folder / "large.jsonl")
    row("lint, one line of 100 MB", [str(folder / "large.jsonl"), *quiet], rounds=3)
    (folder / "dense.json").write_bytes(b"[" + b"0," * 8_000_000 + b"0]")
    row("lint, 16 MB of numbers", [str(folder / "dense.json"), *quiet], rounds=3)
    shutil.rmtree(files)
