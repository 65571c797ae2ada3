"""Times `cna check` from outside and prints a table; run by bench/check."""

import json
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
    nothing = [(os.POSIX_SPAWN_OPEN, at, "/dev/null", os.O_WRONLY, 0) for at in (1, 2)]
    # Not forked: a child would begin with this program's memory as its peak.
    child = os.posix_spawn(CNA, [CNA, "check", *arguments], os.environ, file_actions=nothing)
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 1):
        sys.exit(f"cna check {' '.join(arguments)} ended with {code}")
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
    corpus = folder / "corpus.jsonl"
    with open(corpus, "wb") as to:
        subprocess.run(["zstd", "-dc", SHARED / "corpus.jsonl.zst"], stdout=to, check=True)
    # Files as large as the shared ones: one record, indented by two.
    files = folder / "files"
    records, count, size, one = 0, 0, 0, None
    with open(corpus, "rb") as all_lines:
        for line in all_lines:
            records += 1
            if records % 8 == 0:
                at = files / str(count // 1000)
                at.mkdir(parents=True, exist_ok=True)
                text = json.dumps(json.loads(line), indent=2, ensure_ascii=False)
                one = at / f"CVE-{count:06}.json"
                one.write_text(text, encoding="utf-8")
                count += 1
                size += one.stat().st_size
    print(f"{records} records in a file of lines; {count} files of {size // count} bytes; medians of {ROUNDS}")
    print(f"{'':44} {'CPU':>17}  {'wall':>9}     {'peak':>6}")
    quiet = ["--output", "ndjson"]
    for level in ("schema", "server", "lint"):
        at = ["--level", level, *quiet]
        row(f"{level}, lines, 1 thread", [str(corpus), "--jobs", "1", *at], records)
        row(f"{level}, files, 1 thread", [str(files), "--jobs", "1", *at], count)
    for level in ("schema", "lint"):
        at = ["--level", level, *quiet]
        walls = [
            row(f"{level}, lines, {jobs} thread(s)", [str(corpus), "--jobs", str(jobs), *at], records)
            for jobs in (1, 2)
        ]
        print(f"  a second thread is worth {walls[0] / walls[1]:.2f} times one")
    row("lint, packed lines, 2 threads", [str(SHARED / "corpus.jsonl.zst"), "--jobs", "2", *quiet], records)
    row("schema, one file", [str(one), "--level", "schema"], rounds=50)
    row("lint, one file", [str(one)], rounds=50)
    large = folder / "large.json"
    with open(large, "wb") as to:
        to.write(b'{"a": "')
        for _ in range(100):
            to.write(b"x" * 1_000_000)
        to.write(b'"}')
    row("lint, one document of 100 MB", [str(large), *quiet], rounds=3)
    large.rename(folder / "large.jsonl")
    row("lint, one line of 100 MB", [str(folder / "large.jsonl"), *quiet], rounds=3)
    (folder / "dense.json").write_bytes(b"[" + b"0," * 8_000_000 + b"0]")
    keys = ",".join(f'"k{at}": 1' for at in range(290_000))
    (folder / "keys.json").write_text("{" + keys + "}")
    row("lint, an object of 290,000 keys", [str(folder / "keys.json"), *quiet], rounds=3)
    row("lint, 16 MB of numbers", [str(folder / "dense.json"), *quiet], rounds=3)
    shutil.rmtree(files)
