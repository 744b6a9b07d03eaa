"""libpq against a real PostgreSQL: what is recorded of each way to ask it something."""

import json
import os
import subprocess
import unittest

from postgresql import PostgreSql
from recorder import Recorder


class PostgreSqlTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = PostgreSql()
        cls.enterClassContext(cls.server)

    def setUp(self):
        self.recorder = self.enterContext(Recorder())

    def calls_of(self, part):
        """The subsegments that the program's part made, and their segment."""
        done = subprocess.run(
            [os.environ["PROGRAM"], part], timeout=60, capture_output=True, text=True, check=False,
            env={**os.environ, **self.server.environment(), **self.recorder.environment()})
        self.assertEqual(done.returncode, 0, done.stderr)
        segment, = self.recorder.segments(1)
        self.text = json.dumps(segment)
        self.assertNotIn(self.server.password, self.text)
        for value in ("secret", "hidden", "471147114", "comment"):
            self.assertNotIn(value, self.text)
        calls = sorted(segment.get("subsegments", []), key=lambda call: call["start_time"])
        for call in calls:
            self.assertEqual(call["name"], "shop@127.0.0.1")
            self.assertEqual(call["namespace"], "remote")
            self.assertEqual(call["sql"]["url"], f"postgresql://127.0.0.1:{self.server.port}/shop")
            self.assertEqual(call["sql"]["user"], self.server.user)
            self.assertEqual(call["sql"]["database_type"], "PostgreSQL")
            version = call["sql"].get("database_version", "none: not connected")
            if version[0].isdigit():
                self.assertTrue(self.server.query("SHOW server_version").startswith(version))
            self.assertRegex(call["sql"]["driver_version"], r"^libpq \d+\.\d+$")
            self.assertLessEqual(call["end_time"], segment["end_time"])
        return calls

    @staticmethod
    def statements(calls):
        return [call["sql"].get("sanitized_query") for call in calls]

    def failure(self, call):
        """Type and message."""
        self.assertTrue(call["fault"])
        exception, = call["cause"]["exceptions"]
        self.assertTrue(exception["remote"])
        return exception["type"], exception.get("message")

    def assert_well(self, calls):
        for call in calls:
            self.assertNotIn("fault", call)
            self.assertNotIn("cause", call)

    def test_a_call_at_once_is_a_subsegment_without_its_values(self):
        calls = self.calls_of("synchronous")
        self.assertEqual(self.statements(calls), ["SELECT ?", "SELECT $1::text"])
        self.assert_well(calls)
        self.assertNotIn("preparation", calls[0]["sql"])

    def test_a_prepared_statement_is_recorded_each_time_it_is_executed(self):
        calls = self.calls_of("prepared")
        self.assertEqual(self.statements(calls),
                         ["SELECT $1::int + ?", "SELECT $1::int + ?", "SELECT ?"])
        self.assertEqual([call["sql"]["preparation"] for call in calls], ["statement"] * 3)
        self.assert_well(calls)

    def test_what_is_sent_lasts_until_its_last_result(self):
        calls = self.calls_of("asynchronous")
        self.assertEqual(self.statements(calls),
                         ["SELECT pg_sleep(?)", "SELECT ?; SELECT ?; SELECT ?"])
        self.assertGreaterEqual(calls[0]["end_time"] - calls[0]["start_time"], 0.05)
        self.assertLessEqual(calls[0]["end_time"], calls[1]["start_time"])
        self.assert_well(calls)

    def test_rows_that_come_one_by_one_are_one_subsegment(self):
        calls = self.calls_of("single_row")
        self.assertEqual(self.statements(calls), ["SELECT generate_series(?, $1)"])
        self.assert_well(calls)

    def test_each_command_of_a_pipeline_has_its_own_outcome(self):
        first, second, third, prepared = self.calls_of("pipeline")
        self.assertEqual(self.statements([first, second, third, prepared]),
                         ["SELECT ? AS one", "SELECT ? / ?", "SELECT ? AS three", "SELECT ?"])
        self.assert_well([first, prepared])
        self.assertEqual(self.failure(second), ("PostgreSQL 22012", "division by zero"))
        self.assertEqual(self.failure(third)[0], "PostgreSQL pipeline aborted")
        self.assertLess(second["start_time"], first["end_time"])

    def test_a_copy_lasts_until_all_is_copied(self):
        calls = self.calls_of("copy")
        self.assertEqual(self.statements(calls),
                         ["CREATE TEMP TABLE t (id int, name text)", "COPY t FROM STDIN",
                          "COPY t FROM STDIN", "COPY t FROM STDIN", "COPY t TO STDOUT",
                          "COPY t FROM STDIN"])
        self.assert_well(calls[:5])
        self.assertEqual(self.failure(calls[5])[0], "PostgreSQL 22P02")
        for before, after in zip(calls, calls[1:]):
            self.assertLessEqual(before["end_time"], after["start_time"])

    def test_an_error_is_the_servers_without_what_it_quotes(self):
        table, inserted, refused, two, raised, marks = self.calls_of("errors")
        self.assert_well([table, inserted])
        self.assertEqual(self.failure(refused),
                         ("PostgreSQL 23505",
                          "duplicate key value violates unique constraint ?"))
        self.assertEqual(self.failure(two),
                         ("PostgreSQL 22P02", "invalid input syntax for type integer: ?"))
        self.assertEqual(self.failure(raised), ("PostgreSQL P0001", None))
        self.assertEqual(self.failure(marks),
                         ("PostgreSQL 22P02", "invalid input syntax for type integer: ?"))

    def test_messages_show_nothing_of_values_however_they_are_quoted(self):
        literal, parameter, *raised = self.calls_of("telling_errors")
        for call in (literal, parameter):
            self.assertEqual(self.failure(call), (
                "PostgreSQL 22P02", "invalid input syntax for type integer: ?"))
        self.assertEqual([self.failure(call) for call in raised],
                         [("PostgreSQL P0001", None), ("PostgreSQL 23505", None)])

    def test_a_lost_connection_is_a_fault_of_the_call_that_noticed(self):
        terminate, first, second, third, found = self.calls_of("lost_connection")
        self.assert_well([terminate, found])
        # The server's last words may be lost too.
        self.assertIn(self.failure(first)[0], ("PostgreSQL connection", "PostgreSQL 57P01"))
        for call in (second, third):
            self.assertEqual(self.failure(call),
                             ("PostgreSQL connection", "no connection to the server"))
        self.assertEqual(self.statements([found]), ["SELECT ?"])


if __name__ == "__main__":
    unittest.main()
