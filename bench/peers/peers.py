"""Validates lines of a file with a Python package, once, and prints the
microseconds of CPU time a record took.

    peers.py jsonschema-rs|cvelib RECORDS.jsonl SCHEMA.json
"""

import json
import sys
import time

WAY, RECORDS, SCHEMA = sys.argv[1:]


def ways():
    with open(SCHEMA, encoding="utf-8") as text:
        schema = json.load(text)
    if WAY == "jsonschema-rs":
        import jsonschema_rs

        validator = jsonschema_rs.Draft7Validator(schema, validate_formats=True)
        return validator.is_valid, None
    from cvelib.cve_api import CveRecord, CveRecordValidationError

    def valid(record):
        # cvelib knows containers only, each by a schema it reads every time.
        try:
            CveRecord.validate(record["containers"]["cna"])
        except CveRecordValidationError:
            return False
        return True

    # It is slow: a part of the records says enough.
    return valid, 500


valid, most = ways()
with open(RECORDS, encoding="utf-8") as text:
    lines = text.read().splitlines()
if most:
    lines = lines[:: max(1, len(lines) // most)]
start = time.process_time()
count = sum(1 for line in lines if valid(json.loads(line)))
used = time.process_time() - start
print(f"{used / len(lines) * 1e6:.3f} {count} {len(lines)}")
