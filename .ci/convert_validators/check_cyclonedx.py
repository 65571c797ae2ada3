"""Checks CycloneDX documents, one a line of each file, strictly with the
Python library of the format's makers."""

import json
import sys

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

VERSIONS = {"1.6": SchemaVersion.V1_6, "1.7": SchemaVersion.V1_7}
validators = {name: JsonStrictValidator(version) for name, version in VERSIONS.items()}
documents = faults = 0
for file in sys.argv[1:]:
    for line in open(file, encoding="utf-8"):
        documents += 1
        document = json.loads(line)
        fault = validators[document["specVersion"]].validate_str(line)
        if fault:
            faults += 1
            if faults <= 5:
                print(document["vulnerabilities"][0]["id"], str(fault)[:600])
print(f"{documents} CycloneDX documents, {faults} invalid")
sys.exit(1 if faults or not documents else 0)
