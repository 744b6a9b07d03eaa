"""Checks segment documents, one a line in *.jsonl files, against segment_document.schema.json.

    check_documents.py [--at-least N] FILE_OR_FOLDER...

Beyond the schema it refuses what no JSON schema can express: members named twice, NaN and Infinity,
an end before its start, an id used twice in one document, and documents the service would not take
for their size. Fewer documents than --at-least (1 when not given) is a failure as well: a check of
nothing proves nothing. Ends with 0 when every document fits.
"""

import argparse
import json
import multiprocessing
import pathlib
import re
import sys

import jsonschema

SCHEMA_FILE = pathlib.Path(__file__).with_name("segment_document.schema.json")
MAX_DOCUMENT_BYTES = 64 * 1024
MAX_PROBLEMS_SHOWN = 20

# Ids and times as the schema wants them: documents that differ in nothing else fit it all or not at
# all, so one of them is enough. Tests under load send many of a kind.
GOOD_ID_OR_TIME = re.compile(
    rb'"(?P<id>id|parent_id)":"[0-9a-f]{16}"'
    rb'|"(?P<trace>trace_id)":"1-[0-9a-f]{8}-[0-9a-f]{24}"'
    rb'|"(?P<time>start_time|end_time)":[0-9]{10}(?:\.[0-9]{1,9})?(?=[,}])'
)


def document_validator():
    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def _members_once(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"member named twice: {sorted(n for n in members if names.count(n) > 1)}")
    return members


def _no_such_number(text):
    raise ValueError(f"{text} is not JSON")


def _entities(document):
    yield document
    for subsegment in document.get("subsegments", []):
        yield from _entities(subsegment)


def problems(text, validator, fit=None):
    """What is wrong with one document (bytes), as a list of sentences; empty when it fits.

    fit: a set that gains the kinds of documents that fit the schema, and spares the next of a kind.
    """
    if len(text) > MAX_DOCUMENT_BYTES:
        return [f"{len(text)} bytes, the limit is {MAX_DOCUMENT_BYTES}"]
    try:
        document = json.loads(
            text.decode("utf-8"), object_pairs_hook=_members_once, parse_constant=_no_such_number
        )
    except (ValueError, RecursionError) as error:
        return [f"cannot be read: {error}"]
    kind = GOOD_ID_OR_TIME.sub(lambda match: match[match.lastgroup], text)
    found = []
    if fit is None or kind not in fit:
        for error in validator.iter_errors(document):
            place = "/".join(str(step) for step in error.absolute_path) or "the document"
            found.append(f"{place}: {error.message[:300]}")
    if found:
        return found
    if fit is not None:
        fit.add(kind)
    seen = set()
    for entity in _entities(document):
        if entity.get("end_time", entity["start_time"]) < entity["start_time"]:
            found.append(f"{entity['id']}: ends before it starts")
        if entity["id"] in seen:
            found.append(f"{entity['id']}: id used twice")
        seen.add(entity["id"])
    return found


def _files(paths):
    """The largest first, so that none of them is left to the end."""
    files = [f for p in paths for f in (p.glob("**/*.jsonl") if p.is_dir() else [p])]
    return sorted(files, key=lambda f: f.stat().st_size, reverse=True)


def _lines(file):
    with file.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                yield f"{file.name}:{number}", line.rstrip(b"\r\n")


def _bad_lines(path):
    """How many documents of one file were looked at, and what is wrong with which."""
    validator, fit = document_validator(), set()
    checked, bad = 0, []
    for place, text in _lines(path):
        checked += 1
        if found := problems(text, validator, fit):
            bad.append(f"{place}: " + "; ".join(found))
    return checked, bad


def main():
    parser = argparse.ArgumentParser(description="Checks segment documents against the schema.")
    parser.add_argument("paths", nargs="+", type=pathlib.Path, metavar="FILE_OR_FOLDER")
    parser.add_argument("--at-least", type=int, default=1, metavar="N")
    options = parser.parse_args()

    for path in options.paths:
        if not path.exists():
            print(f"{path} is not there")
            return 1
    checked, bad = 0, []
    with multiprocessing.Pool() as pool:
        for count, found in pool.imap_unordered(_bad_lines, _files(options.paths)):
            checked += count
            bad += found
    print("\n".join(bad[:MAX_PROBLEMS_SHOWN]), end="\n" if bad else "")
    print(f"{checked} documents checked, {len(bad)} bad")
    if checked < options.at_least:
        print(f"at least {options.at_least} were expected")
        return 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
