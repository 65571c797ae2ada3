#!/usr/bin/env python3
"""Validates feeds that `cna convert` wrote, with other people's readers.

    python3 .ci/convert_feeds.py FOLDER

reads every feed of the folder by its name: `*.atom` and `*.rss` with
feedparser (`pip install feedparser`) and xmllint (Debian's libxml2-utils),
`*feed.json` by the constraints of JSON Feed 1.1 and, for `k8s-feed.json`, by
the form of the Kubernetes feed. Ends with 1 when one is not valid.
"""

import json
import pathlib
import re
import subprocess
import sys

import feedparser

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
MAIL_DATE = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
ITEM = {"id", "url", "external_url", "title", "content_html", "content_text", "summary", "image", "banner_image",
        "date_published", "date_modified", "authors", "tags", "language", "attachments"}
FEED = {"version", "title", "home_page_url", "feed_url", "description", "user_comment", "next_url", "icon", "favicon",
        "authors", "language", "expired", "hubs", "items"}
K8S = ["id", "url", "external_url", "summary", "content_text", "date_published", "status", "_kubernetes_io"]


def extension(key):
    return re.match(r"_[A-Za-z]", key)


def json_feed(path):
    feed = json.loads(path.read_text(encoding="utf-8"))
    is_k8s = path.name.startswith("k8s")
    if feed.get("version") != "https://jsonfeed.org/version/1.1":
        yield "version"
    if not isinstance(feed.get("title"), str) or not feed["title"]:
        yield "title"
    yield from (f"key {key}" for key in feed if key not in FEED and not extension(key))
    seen = set()
    for item in feed["items"]:
        name = item.get("id")
        if not isinstance(name, str) or not name or name in seen:
            yield f"id {name!r} is missing or not its own"
        seen.add(name)
        if "content_html" not in item and "content_text" not in item:
            yield f"{name}: no content"
        for key in item:
            if key not in ITEM and not extension(key) and not (is_k8s and key == "status"):
                yield f"{name}: key {key}"
        for key in ("date_published", "date_modified"):
            if key in item and not MOMENT.fullmatch(item[key]):
                yield f"{name}: {key} {item[key]}"
        if is_k8s and list(item) != K8S:
            yield f"{name}: keys {list(item)}"
        if is_k8s and item["status"] not in ("open", "fixed", "unfixed", "unknown"):
            yield f"{name}: status {item['status']}"
        for text in (value for value in item.values() if isinstance(value, str)):
            if CONTROL.search(text):
                yield f"{name}: a control character"


def xml_feed(path):
    lint = subprocess.run(["xmllint", "--noout", str(path)], capture_output=True, text=True)
    if lint.returncode:
        yield lint.stderr.strip()[:300]
    text = path.read_text(encoding="utf-8")
    if CONTROL.search(text):
        yield "a control character"
    parsed = feedparser.parse(text.encode())
    if parsed.bozo:
        yield f"feedparser: {parsed.bozo_exception}"
    expected = "atom10" if path.suffix == ".atom" else "rss20"
    if parsed.version != expected:
        yield f"feedparser takes it for {parsed.version!r}"
    ids = [entry.get("id") for entry in parsed.entries]
    if None in ids or len(ids) != len(set(ids)):
        yield "an id is missing or not its own"
    if text.count("<entry>") + text.count("<item>") != len(ids):
        yield "feedparser does not see every entry"
    for entry in parsed.entries:
        if not entry.get("title") or not entry.get("link"):
            yield f"{entry.get('id')}: no title or no link"
        if expected == "atom10" and not MOMENT.fullmatch(entry.get("updated", "")):
            yield f"{entry.id}: updated {entry.get('updated')}"
        if expected == "rss20" and not MAIL_DATE.fullmatch(entry.get("published", "")):
            yield f"{entry.id}: pubDate {entry.get('published')}"


def main(folder):
    wrong = count = 0
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.suffix in (".atom", ".rss"):
            faults = list(xml_feed(path))
        elif path.name.endswith("feed.json"):
            faults = list(json_feed(path))
        else:
            continue
        count += 1
        for fault in faults[:20]:
            print(f"{path}: {fault}", file=sys.stderr)
        wrong += bool(faults)
    print(f"{count} feeds, {wrong} not valid")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
