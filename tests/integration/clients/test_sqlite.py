"""A program that uses SQLite and traces itself by patch_all() alone."""

import json
import os
import pathlib
import sqlite3
import subprocess
import tempfile
import unittest

from recorder import Recorder, subsegments


class SqliteProgram(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory(prefix="xray-s3cret-folder.") as folder, \
                Recorder() as recorder:
            file = pathlib.Path(folder, "users.db")
            cls.done = subprocess.run(
                [os.environ["PROGRAM"], file], capture_output=True, text=True, timeout=60,
                check=False, env={**os.environ, **recorder.environment()})
            cls.segment, = recorder.segments(1)
            with sqlite3.connect(file) as database:
                cls.users = [row[0] for row in database.execute("SELECT name FROM users")]
            database.close()
        cls.calls = subsegments(cls.segment)

    def calls_of(self, beginning):
        return [c for c in self.calls
                if c["sql"].get("sanitized_query", "").startswith(beginning)]

    def test_the_program_sees_what_it_saw_before(self):
        self.assertEqual(self.done.returncode, 0, self.done.stderr)
        self.assertRegex(self.done.stdout, r"(?m)^sqlite3: hooked")
        self.assertEqual(self.users, ["ann", "bob", "eve"])

    def test_every_execution_is_one_call_and_nothing_else_is(self):
        self.assertEqual([c["sql"]["sanitized_query"] for c in self.calls], [
            "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT UNIQUE, word TEXT);"
            "CREATE VIRTUAL TABLE notes USING fts5(text)",
            *["INSERT INTO users (name, word) VALUES (?, ?)"] * 4,
            "INSERT INTO notes VALUES (?)",
            "SELECT text FROM notes WHERE notes MATCH ?",
            *["SELECT name FROM users ORDER BY id"] * 2,
            "SELECT ? FROM nowhere",
            "SELECT ?; SELEC"])

    def test_calls_say_where_they_go(self):
        for call in self.calls:
            self.assertEqual(call["name"], "users.db")
            self.assertEqual(call["namespace"], "remote")
            self.assertEqual(call["sql"]["url"], "sqlite:users.db")
            self.assertEqual(call["sql"]["database_type"], "SQLite")
            self.assertRegex(call["sql"]["database_version"], r"^3\.\d+")
            self.assertIn("end_time", call)

    def test_prepared_statements_are_told_from_text(self):
        prepared = {c["sql"]["sanitized_query"]: c["sql"].get("preparation") for c in self.calls}
        self.assertEqual(prepared["SELECT name FROM users ORDER BY id"], "statement")
        self.assertIsNone(prepared["INSERT INTO notes VALUES (?)"])

    def test_failures_and_only_they_are_faults(self):
        failed = [(c["sql"]["sanitized_query"], c["cause"]["exceptions"][0]["type"],
                   c["cause"]["exceptions"][0]["message"]) for c in self.calls if c.get("fault")]
        self.assertEqual(failed, [
            ("INSERT INTO users (name, word) VALUES (?, ?)", "SQLITE_CONSTRAINT_UNIQUE",
             "UNIQUE constraint failed: users.name"),
            ("SELECT ? FROM nowhere", "SQLITE_ERROR", "no such table: nowhere"),
            ("SELECT ?; SELEC", "SQLITE_ERROR", "near ?: syntax error")])
        self.assertNotIn("fault", self.segment)

    def test_no_value_and_no_folder_is_in_the_document(self):
        self.assertNotIn("s3cret", json.dumps(self.segment))

    def test_threads_are_part_of_the_segment(self):
        self.assertEqual(len(self.calls_of("SELECT name FROM users")), 2)


if __name__ == "__main__":
    unittest.main()
