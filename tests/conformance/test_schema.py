"""Good and bad documents prove that the check of segment documents bites."""

import copy
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import check_documents

SEGMENT = {
    "name": "checkout",
    "id": "70de5b6f19ff9a0a",
    "trace_id": "1-581cf771-a006649127e371903a2de979",
    "start_time": 1478293361.271,
    "end_time": 1478293361.449,
}
SUBSEGMENT = {
    "name": "inventory",
    "id": "53995c3f42cd8ad8",
    "start_time": 1478293361.3,
    "end_time": 1478293361.4,
}
INDEPENDENT = {
    **SUBSEGMENT,
    "type": "subsegment",
    "trace_id": SEGMENT["trace_id"],
    "parent_id": SEGMENT["id"],
}
EXCEPTION = {
    "id": "2b2a1cdd3b9c4d5e",
    "message": "no such cart",
    "type": "shop::NotFound",
    "remote": False,
    "truncated": 2,
    "skipped": 0,
    "cause": "aaaaaaaaaaaaaaaa",
    "stack": [{"path": "cart.cpp", "line": 17, "label": "find"}],
}
FULL = {
    **SEGMENT,
    "parent_id": "defdfd9912dc5a56",
    "user": "c-17",
    "origin": "AWS::EC2::Instance",
    "service": {"version": "1.4", "runtime": "C++"},
    "http": {
        "request": {"method": "GET", "url": "https://shop.example/", "x_forwarded_for": True},
        "response": {"status": 429, "content_length": 0},
    },
    "aws": {"xray": {"sdk": "X-Ray for C++", "sdk_version": "0.1.0"}},
    "error": True,
    "throttle": True,
    "cause": {"working_directory": "/srv", "paths": ["/lib"], "exceptions": [EXCEPTION]},
    "annotations": {"customer.id": "c-17", "items": 3, "new_": False, "price": 0.5},
    "metadata": {"default": {"cart": [1, None, {"deep": {}}]}},
    "subsegments": [
        {
            **SUBSEGMENT,
            "namespace": "remote",
            "http": {"request": {"url": "http://inventory/", "traced": True}},
            "cause": "2b2a1cdd3b9c4d5e",
            "precursor_ids": ["1111111111111111"],
            "subsegments": [
                {
                    "name": "shop@inventory.db",
                    "id": "0000000000000001",
                    "start_time": 1478293361.31,
                    "in_progress": True,
                    "sql": {"sanitized_query": "SELECT ?", "preparation": "statement"},
                }
            ],
        }
    ],
}


def with_member(document, path, value):
    """A copy of the document with the member at the path set, or taken away when value is None."""
    changed = copy.deepcopy(document)
    place = changed
    for step in path[:-1]:
        place = place[step] if isinstance(place, list) else place.setdefault(step, {})
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return changed


class SchemaTest(unittest.TestCase):
    def setUp(self):
        self.validator = check_documents.document_validator()

    def problems(self, document):
        text = document if isinstance(document, bytes) else json.dumps(document).encode()
        return check_documents.problems(text, self.validator)

    def assert_good(self, document):
        self.assertEqual(self.problems(document), [])

    def assert_bad(self, document):
        self.assertNotEqual(self.problems(document), [], "a bad document was taken")

    def test_good_documents_are_taken(self):
        in_progress = with_member(SEGMENT, ["end_time"], None) | {"in_progress": True}
        for document in (SEGMENT, FULL, INDEPENDENT, in_progress):
            self.assert_good(document)

    def test_names_of_every_script_are_taken(self):
        for name in ("a b", "日本", "Größe", "_.:/%&#=+-@", "x" * 200, "٣"):
            with self.subTest(name=name):
                self.assert_good({**SEGMENT, "name": name})

    def test_names_outside_the_services_alphabet_are_refused(self):
        for name in ("", "foo\\bar", "a(b)", "a~b", "a!b", "a?b", "a*b", "a,b", "a'b", "a\nb",
                     "a\n", "tab\there", "x" * 201, 7):
            with self.subTest(name=name):
                self.assert_bad({**SEGMENT, "name": name})
                self.assert_bad({**INDEPENDENT, "name": name})

    def test_each_required_member_is_required(self):
        for document, members in (
            (SEGMENT, ("name", "id", "trace_id", "start_time", "end_time")),
            (INDEPENDENT, ("name", "id", "trace_id", "parent_id", "start_time", "end_time")),
        ):
            for member in members:
                with self.subTest(member=member):
                    self.assert_bad(with_member(document, [member], None))
        for member in ("name", "id", "start_time", "end_time"):
            with self.subTest(embedded=member):
                self.assert_bad(with_member(FULL, ["subsegments", 0, member], None))

    def test_wrong_values_are_refused(self):
        long_text = "x" * 251
        for path, value in (
            (["id"], "70de5b6f19ff9a0"),
            (["id"], "70de5b6f19ff9a0g"),
            (["id"], "70de5b6f19ff9a0a\n"),
            (["trace_id"], "581cf771a006649127e371903a2de979"),
            (["trace_id"], "2-581cf771-a006649127e371903a2de979"),
            (["trace_id"], "1-581cf771-a006649127e371903a2de97"),
            (["start_time"], "1478293361.271"),
            (["start_time"], 0),
            (["end_time"], 1478293361.0),
            (["in_progress"], True),
            (["error"], "yes"),
            (["fault"], 1),
            (["throttle"], "true"),
            (["parent_id"], ""),
            (["type"], "segment"),
            (["nmae"], "checkout"),
            (["Dummy"], False),
            (["namespace"], "remote"),
            (["sql"], {"url": "sqlite://x"}),
            (["user"], long_text),
            (["http", "request", "method"], long_text),
            (["http", "request", "url"], long_text),
            (["http", "request", "user_agent"], long_text),
            (["http", "request", "client_ip"], long_text),
            (["http", "request", "traced"], True),
            (["http", "response", "status"], "200"),
            (["http", "response", "status"], 200.5),
            (["http", "response", "content_length"], -1),
            (["http", "headers"], {}),
            (["annotations", "bad-key"], 1),
            (["annotations", "bad key"], 1),
            (["annotations", "x" * 501], 1),
            (["annotations", "key\n"], 1),
            (["annotations", "list"], [1]),
            (["annotations", "object"], {"a": 1}),
            (["annotations", "long"], "x" * 1001),
            (["annotations"], {f"key{n}": n for n in range(51)}),
            (["metadata", "default"], "text"),
            (["metadata"], ["default"]),
            (["cause"], "70de5b6f"),
            (["cause"], {"id": "70de5b6f19ff9a0a"}),
            (["cause", "exceptions", 0, "stack", 0, "line"], "17"),
            (["cause", "exceptions", 0, "id"], "x"),
            (["cause", "exceptions", 0, "cause"], "x"),
            (["subsegments", 0, "namespace"], "local"),
            (["subsegments", 0, "user"], "c-17"),
            (["subsegments", 0, "http", "request", "x_forwarded_for"], True),
            (["subsegments", 0, "subsegments", 0, "sql", "preparation"], "prepared"),
            (["subsegments", 0, "subsegments", 0, "in_progress"], False),
            (["subsegments", 0, "subsegments", 0, "end_time"], 1478293361.4),
            (["subsegments", 0, "end_time"], 1478293361.0),
            (["subsegments", 0, "id"], SEGMENT["id"]),
            (["subsegments", 0, "name"], ""),
            (["subsegments"], SUBSEGMENT),
        ):
            with self.subTest(path=path, value=str(value)[:40]):
                self.assert_bad(with_member(FULL, path, value))

    def test_what_json_itself_forbids_is_refused(self):
        good = json.dumps(SEGMENT)
        for text in (
            b"",
            b"[]",
            good.encode()[:-1],
            good.replace("checkout", "\udcff").encode("utf-8", "surrogateescape"),
            good.replace("1478293361.449", "NaN").encode(),
            good.replace("1478293361.449", "Infinity").encode(),
            good.replace('"name"', '"name": "a", "name"').encode(),
            b'{"a":' * 100_000,
            json.dumps({**SEGMENT, "metadata": {"default": {"k": "x" * 65_536}}}).encode(),
        ):
            with self.subTest(text=text[:60]):
                self.assert_bad(text)


class ProgramTest(unittest.TestCase):
    def run_check(self, *arguments):
        done = subprocess.run(
            [sys.executable, check_documents.__file__, *map(str, arguments)],
            capture_output=True, text=True, timeout=60, check=False,
        )
        return done.returncode, done.stdout

    def test_one_bad_document_among_good_ones_is_named_by_file_and_line(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "some.jsonl")
            bad = {**SEGMENT, "id": "short"}
            file.write_text("\n".join(map(json.dumps, (SEGMENT, FULL, bad, INDEPENDENT))) + "\n")
            code, output = self.run_check(folder)
        self.assertEqual(code, 1)
        self.assertIn("some.jsonl:3: id:", output)
        self.assertIn("4 documents checked, 1 bad", output)

    def test_one_good_document_does_not_vouch_for_bad_ones_like_it(self):
        bad = (
            {"id": "70de5b6f19ff9a0"},
            {"trace_id": "1-581cf771-a006649127e371903a2de97"},
            {"start_time": "1478293361.271"},
            {"end_time": SEGMENT["start_time"] - 1},
            {"id": None, "parent_id": SEGMENT["id"]},
        )
        documents = [SEGMENT, *({**SEGMENT, **member} for member in bad), SEGMENT]
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "some.jsonl")
            lines = (
                json.dumps({k: v for k, v in d.items() if v is not None}, separators=(",", ":"))
                for d in documents
            )
            file.write_text("\n".join(lines) + "\n")
            code, output = self.run_check(folder)
        self.assertEqual(code, 1)
        self.assertIn("7 documents checked, 5 bad", output)

    def test_good_documents_end_with_0(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "some.jsonl").write_text(json.dumps(SEGMENT) + "\n")
            self.assertEqual(self.run_check(folder), (0, "1 documents checked, 0 bad\n"))

    def test_no_document_at_all_is_a_failure(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(self.run_check(folder)[0], 1)
            self.assertEqual(self.run_check(pathlib.Path(folder, "absent"))[0], 1)


if __name__ == "__main__":
    unittest.main()
