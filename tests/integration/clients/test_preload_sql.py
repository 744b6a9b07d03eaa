"""Debian's own database shells, as they are."""

import os
import tempfile
import unittest

from postgresql import PostgreSql
from preloaded import Preloaded
from recorder import subsegments


def queries(segment):
    return [s["sql"]["sanitized_query"] for s in subsegments(segment)
            if "sanitized_query" in s.get("sql", {})]


class Sqlite3Test(unittest.TestCase):
    def test_the_shells_statements_are_recorded_without_their_values(self):
        with tempfile.TemporaryDirectory(prefix="xray-sqlite3.") as folder, \
                Preloaded() as preloaded:
            path = os.path.join(folder, "shop.db")
            output = preloaded.run("/usr/bin/sqlite3", path, input="""
                CREATE TABLE customer (id INTEGER, name TEXT);
                INSERT INTO customer VALUES (471147114, 'hidden');
                SELECT name FROM customer WHERE id = 471147114;
            """)
            self.assertEqual(output, "hidden\n")
            segment, = preloaded.recorder.segments(1)
        self.assertEqual(segment["name"], "sqlite3")
        self.assertIn("INSERT INTO customer VALUES (?)", " ".join(queries(segment)))
        self.assertIn("SELECT name FROM customer WHERE id = ?", " ".join(queries(segment)))
        for value in ("471147114", "hidden"):
            self.assertNotIn(value, str(segment))
        self.assertEqual({s["name"] for s in subsegments(segment)}, {"shop.db"})


class PsqlTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = PostgreSql()
        cls.enterClassContext(cls.server)

    def segment_of(self, *arguments):
        with Preloaded(**self.server.environment()) as preloaded:
            self.output = preloaded.run("psql", "--no-psqlrc", "--tuples-only", "--no-align",
                                        *arguments)
            segment, = preloaded.recorder.segments(1)
        self.assertEqual(segment["name"], "psql")
        self.assertNotIn(self.server.password, str(segment))
        return segment

    def test_the_shells_statements_are_recorded_without_their_values(self):
        segment = self.segment_of("--command", "SELECT 471147114, 'hidden'")
        self.assertEqual(self.output, "471147114|hidden\n")
        self.assertIn("SELECT ?", queries(segment))
        for value in ("471147114", "hidden"):
            self.assertNotIn(value, str(segment))
        call = next(s for s in subsegments(segment) if "sanitized_query" in s.get("sql", {}))
        self.assertEqual(call["name"], f"{self.server.database}@127.0.0.1")
        self.assertEqual(call["namespace"], "remote")

    def test_rows_that_are_fetched_in_portions(self):
        segment = self.segment_of("--set", "FETCH_COUNT=2", "--command",
                                  "SELECT generate_series(1, 5)")
        self.assertEqual(self.output.split(), list("12345"))
        self.assertTrue(queries(segment))

    def test_a_copy_to_a_file(self):
        segment = self.segment_of("--command", "\\copy (SELECT 1) TO /dev/null")
        self.assertIn("COPY", " ".join(queries(segment)))


if __name__ == "__main__":
    unittest.main()
