"""Generates a history, times `cna draft affected` on it, and prints a row;
run by bench/affected."""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

CNA = sys.argv[1]
COMMITS = 50_000
TAG_EVERY = 100
LIMIT_S = 2.0
ROUNDS = 5
# Where in the history the flaw comes and goes on the main line.
FLAW, FIX, REVERT, AGAIN = 12_000, 30_000, 31_000, 32_000
# Commits between two release lines, and of each.
LINE_EVERY, LINE_LENGTH, BACKPORT_AT = 4_000, 260, 150


class History:
    """What is written to `git fast-import`, and what is known of it."""

    def __init__(self, folder):
        command = ["git", "-C", folder, "fast-import", "--quiet", "--done"]
        self.git = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.count = 0
        self.tags = {}

    def write(self, text):
        self.git.stdin.write(text.encode())

    def commit(self, branch, message, first=None, merged=None):
        """The mark of a new commit on `branch`, which `first` begins."""
        self.count += 1
        mark = self.count
        body = f"line {mark}\n"
        lines = [
            f"commit refs/heads/{branch}",
            f"mark :{mark}",
            f"committer A <a@example.org> {1_500_000_000 + mark * 600} +0000",
            f"data {len(message)}",
            message,
        ]
        if first:
            lines.append(f"from :{first}")
        if merged:
            lines.append(f"merge :{merged}")
        lines += [f"M 100644 inline f{mark % 400}.txt", f"data {len(body)}", body]
        self.write("\n".join(lines) + "\n")
        return mark

    def hash_of(self, mark):
        self.write(f"get-mark :{mark}\n")
        self.git.stdin.flush()
        return self.git.stdout.readline().decode().strip()

    def tag(self, name, mark, has_flaw):
        self.write(f"reset refs/tags/{name}\nfrom :{mark}\n\n")
        self.tags[name] = has_flaw

    def end(self):
        self.write("done\n")
        self.git.stdin.close()
        if self.git.wait() != 0:
            sys.exit("git fast-import ended with an error")


def generated(folder):
    """Writes the repository; gives the history, and the named commits."""
    history = History(folder)
    tip, has_flaw, minor, topics = None, False, 0, 0
    named, next_line, next_tag = {}, LINE_EVERY, TAG_EVERY

    def step(message):
        nonlocal tip
        tip = history.commit("main", message)

    def tag(name, mark, flaw):
        nonlocal next_tag
        history.tag(name, mark, flaw)
        while next_tag <= history.count:
            next_tag += TAG_EVERY

    while history.count < COMMITS:
        count = history.count
        if "flaw" not in named and count >= FLAW:
            step("flaw")
            named["flaw"], has_flaw = history.hash_of(tip), True
        elif "fix" not in named and count >= FIX:
            step("fix")
            named["fix"], has_flaw = history.hash_of(tip), False
        elif "revert" not in named and count >= REVERT:
            step(f"Revert \"fix\"\n\nThis reverts commit {named['fix']}.")
            named["revert"], has_flaw = history.hash_of(tip), True
        elif "again" not in named and count >= AGAIN:
            step(f"Revert \"Revert \"fix\"\"\n\nThis reverts commit {named['revert']}.")
            named["again"], has_flaw = history.hash_of(tip), False
        elif count >= next_line:
            next_line += LINE_EVERY
            line_of_releases(history, tip, minor, has_flaw, named, tag, lambda: next_tag)
        elif count % 12 == 0 and tip:
            # A topic of three commits, while the main line goes on.
            topics += 1
            branch = f"topic-{topics}"
            last = history.commit(branch, "a topic begins", first=tip)
            last = history.commit(branch, "it goes on")
            step("meanwhile")
            last = history.commit(branch, "it is done")
            tip = history.commit("main", f"Merge {branch}", merged=last)
            history.write(f"reset refs/heads/{branch}\nfrom {'0' * 40}\n\n")
        else:
            step("work")
        if history.count >= next_tag:
            minor += 1
            tag(f"v1.{minor}.0", tip, has_flaw)
    history.end()
    return history, named


def line_of_releases(history, tip, minor, has_flaw, named, tag, next_tag):
    """A release line: some commits, a backport where the fix is known."""
    branch, patch, first = f"release-{minor}", 0, tip
    for number in range(LINE_LENGTH):
        message = "maintenance"
        if number == BACKPORT_AT and "fix" in named:
            message = f"fix\n\n(cherry picked from commit {named['fix']})"
            has_flaw = False
        mark = history.commit(branch, message, first=first)
        first = None
        if history.count >= next_tag():
            patch += 1
            tag(f"v1.{minor}.{patch}", mark, has_flaw)


def once(arguments, answer):
    """Wall and CPU seconds and peak MB of one run; its answer goes to a file."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    actions = [(os.POSIX_SPAWN_OPEN, 1, str(answer), flags, 0o600)]
    start = time.perf_counter()
    # Not forked: a child would begin with this program's memory as its peak.
    child = os.posix_spawn(CNA, [CNA, *arguments], os.environ, file_actions=actions)
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    if code != 0:
        sys.exit(f"cna {' '.join(arguments)} ended with {code}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


with tempfile.TemporaryDirectory() as folder:
    repository = pathlib.Path(folder) / "repository"
    init = ["git", "init", "--quiet", "--bare", "--initial-branch", "main", repository]
    subprocess.run(init, check=True)
    history, named = generated(repository)
    answer = pathlib.Path(folder) / "answer.json"
    arguments = ["draft", "affected", "CVE-1900-0001", "--dry-run", "--json"]
    arguments += ["--repo", str(repository), "--introduced", named["flaw"]]
    arguments += ["--fixed", named["fix"]]
    runs = [once(arguments, answer) for _ in range(ROUNDS)]
    found = json.loads(answer.read_text())
    told = {release["tag"]: release["affected"] for release in found["releases"]}
    wrong = sorted(tag for tag in history.tags.keys() | told.keys()
                   if history.tags.get(tag) != told.get(tag))
    walls, cpus, peaks = zip(*runs)
    median = statistics.median(walls)
    has_flaw = sum(history.tags.values())
    print("history                          affected    median   slowest       CPU      peak  limit")
    what = f"{history.count:,} commits, {len(history.tags)} releases"
    print(f"{what:32} {has_flaw:8}  {median * 1e3:5.0f} ms  {max(walls) * 1e3:5.0f} ms  "
          f"{statistics.median(cpus) * 1e3:5.0f} ms  {max(peaks):5.1f} MB  {LIMIT_S:.0f} s")
    if wrong:
        sys.exit(f"the answer is wrong at {len(wrong)} releases, such as {', '.join(wrong[:5])}")
    if median > LIMIT_S:
        sys.exit(f"the median of {ROUNDS} runs took {median:.2f} s, over {LIMIT_S:.0f} s")
