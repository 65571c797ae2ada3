"""Checks the demo's record with an independent validator.

The official schema lies in the shared data folder and is not part of the
repository. Without the folder the check says that it was skipped; with
CNA_REQUIRE naming `shared`, that is a failure.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import venv


def shared():
    for folder in (os.environ.get("CNA_SHARED"), "../shared"):
        if folder and pathlib.Path(folder, "data/schema").is_dir():
            return pathlib.Path(folder)
    if "shared" in os.environ.get("CNA_REQUIRE", "").split(","):
        sys.exit("CNA_REQUIRE names shared and the shared data folder is missing")
    print("skipped: the official schema (set CNA_SHARED to check the demo's record with it)")
    sys.exit(0)


def validator():
    """A Python with `jsonschema`, ours or one made for this check."""
    try:
        import jsonschema  # noqa: F401

        return sys.executable
    except ImportError:
        folder = tempfile.mkdtemp()
        venv.create(folder, with_pip=True)
        python = os.path.join(folder, "bin", "python")
        subprocess.run([python, "-m", "pip", "install", "-q", "jsonschema"], check=True)
        return python


CHECK = """
import json, sys
import jsonschema
schema, *files = sys.argv[1:]
validator = jsonschema.Draft7Validator(json.load(open(schema)))
for file in files:
    errors = list(validator.iter_errors(json.load(open(file))))
    for error in errors[:5]:
        print(file, error.json_path, error.message[:200])
    if errors:
        sys.exit(1)
    print(file, "is valid by the official 5.2.0 schema")
"""


def main():
    schema = shared() / "data/schema/CVE_Record_Format_bundled.json"
    json.loads(schema.read_text())
    files = sys.argv[1:]
    if not files:
        sys.exit("name at least one record")
    sys.exit(subprocess.run([validator(), "-c", CHECK, str(schema), *files]).returncode)


main()
