"""Calls of libmariadb trace themselves: a program that only says patch_all(), and a real server."""

import json
import os
import subprocess
import unittest

from mariadb import MariaDb
from recorder import Recorder, subsegments

PROGRAM = os.environ["PROGRAM"]


def queries(calls):
    return [call["sql"].get("sanitized_query") for call in calls]


def errors(calls):
    return [call["cause"]["exceptions"][0]["type"] if "cause" in call else None for call in calls]


def duration(call):
    return call["end_time"] - call["start_time"]


class Mysql(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(MariaDb())

    def run_program(self, recorder, *arguments, port=None, **environment):
        server = self.server
        done = subprocess.run(
            [PROGRAM, str(port or server.port), server.user, server.password, server.database,
             *arguments], env={**os.environ, **recorder.environment(**environment)},
            capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return done.stdout

    def traced(self, scenario, **options):
        """The subsegments of a scenario, after a look that the program saw what it always sees."""
        with Recorder() as recorder:
            plain = self.run_program(recorder, scenario, "plain",
                                     **{**options, "AWS_XRAY_PATCH": "none"})
            untraced, = recorder.segments(1)
            self.assertEqual(subsegments(untraced), [])
            recorder.forget()
            self.assertEqual(self.run_program(recorder, scenario, **options), plain)
            segment, = recorder.segments(1)
        self.assertNotIn(self.server.password, json.dumps(segment))
        self.assertFalse(any(call.get("in_progress") for call in subsegments(segment)))
        return subsegments(segment)

    def test_a_query_says_where_it_went_and_what_was_asked_without_values(self):
        calls = self.traced("queries")
        self.assertEqual({call["name"] for call in calls}, {"shop@127.0.0.1"})
        self.assertEqual({call["namespace"] for call in calls}, {"remote"})
        sql = calls[0]["sql"]
        self.assertEqual(sql["url"], f"mysql://127.0.0.1:{self.server.port}/shop")
        self.assertEqual((sql["database_type"], sql["user"]), ("MariaDB", "ann"))
        self.assertIn("MariaDB", sql["database_version"])
        self.assertRegex(sql["driver_version"], r"^\d+\.\d+")
        self.assertNotIn("preparation", sql)
        self.assertEqual(queries(calls), [
            "CREATE TABLE people (name VARCHAR(?) PRIMARY KEY, age INT)",
            "INSERT INTO people VALUES (?)",
            "SELECT age, ? FROM people WHERE age > ?",
            "INSERT INTO people VALUES (?)",
            "SELECT * FROM nowhere",
            "SELEC ?",
            "DROP TABLE people"])

    def test_an_error_is_the_servers_without_what_it_quotes(self):
        calls = self.traced("queries")
        self.assertEqual(errors(calls), [None, None, None, "MySQL 1062 (23000)",
                                         "MySQL 1146 (42S02)", "MySQL 1064 (42000)", None])
        self.assertEqual([call.get("fault", False) for call in calls],
                         [False, False, False, True, True, True, False])
        for call in calls:
            for problem in call.get("cause", {}).get("exceptions", []):
                self.assertTrue(problem["remote"])
                self.assertNotIn("secret", problem["message"])
        self.assertEqual(calls[3]["cause"]["exceptions"][0]["message"], "Duplicate entry ?")

    def test_what_procedures_signal_is_not_shown(self):
        call, = self.traced("signals")
        self.assertEqual(errors([call]), ["MySQL 1644 (45000)"])
        self.assertNotIn("message", call["cause"]["exceptions"][0])

    def test_statements_are_recorded_raw_or_not_at_all_as_the_environment_says(self):
        raw = self.traced("queries", AWS_XRAY_COLLECT_SQL_QUERIES="true")
        self.assertEqual(queries(raw)[3], "INSERT INTO people VALUES ('o''secret', 1)")
        self.assertEqual(raw[3]["cause"]["exceptions"][0]["message"],
                         "Duplicate entry 'o'secret' for key 'PRIMARY'")
        self.assertIn("a\0b", queries(raw)[2])
        none = self.traced("queries", AWS_XRAY_COLLECT_SQL_QUERIES="false")
        self.assertEqual(queries(none), [None] * 7)
        self.assertNotIn("message", none[3]["cause"]["exceptions"][0])

    def test_prepared_statements_are_recorded_when_prepared_and_each_time_they_are_executed(self):
        calls = self.traced("prepared")
        reused = "SELECT ? * CAST(? AS INT) WHERE ? <> ?"
        failing = "SELECT * FROM nowhere WHERE a = ?"
        self.assertEqual(queries(calls), [reused] * 3 + [failing] * 2 + ["SELECT ?"])
        self.assertEqual({call["sql"]["preparation"] for call in calls}, {"statement"})
        prepare = {"mysql": {"command": "prepare"}}
        self.assertEqual([call.get("metadata") for call in calls],
                         [prepare, None, None, prepare, None, None])
        self.assertEqual(errors(calls), [None, None, None, "MySQL 1146 (42S02)",
                                         "MySQL 2014 (HY000)", None])
        self.assertNotIn("471147114", json.dumps(calls))

    def test_a_text_without_a_size_is_read_to_its_end_and_no_further(self):
        calls = self.traced("unsized")
        self.assertEqual(queries(calls), ["SELECT ?", "SET @a = ?", "SELECT ?"]
                         + ["SELECT CAST(? AS INT)"] * 2)
        self.assertEqual(errors(calls), [None] * 5)

    def test_non_blocking_calls_last_until_their_result_is_there(self):
        calls = self.traced("nonblocking")
        self.assertEqual(queries(calls), [
            "SELECT SLEEP(?), ?", "SELECT SLEEP(?) FROM nowhere", "SELECT ?; SELECT SLEEP(?)",
            "SELECT SLEEP(?) + ?", "SELECT SLEEP(?) + ?"])
        self.assertEqual(errors(calls), [None, "MySQL 1146 (42S02)", None, None, None])
        for number in (0, 2, 4):
            self.assertGreaterEqual(duration(calls[number]), 0.1)
        self.assertEqual([call["sql"].get("preparation") for call in calls],
                         [None, None, None, "statement", "statement"])

    def test_statements_sent_together_are_one_call_until_the_last_ones_result(self):
        calls = self.traced("several")
        self.assertEqual(queries(calls)[:2], ["SELECT ?; SELECT SLEEP(?); SELECT ?",
                                              "SELECT ?; SELECT * FROM nowhere; SELECT ?"])
        self.assertGreaterEqual(duration(calls[0]), 0.1)
        self.assertEqual(errors(calls), [None, "MySQL 1146 (42S02)", None, None, None])

    def test_a_procedures_call_is_told_from_other_queries(self):
        calls = self.traced("several")
        self.assertEqual([call["sql"].get("preparation") for call in calls],
                         [None, None, None, "call", None])
        self.assertEqual(queries(calls)[3], "call twice()")

    def test_ends_of_transactions_are_queries(self):
        calls = self.traced("transactions")
        self.assertEqual(queries(calls), ["DO ?"] + ["COMMIT", "ROLLBACK"] * 2)

    def test_a_query_sent_by_one_thread_ends_when_another_has_its_result(self):
        call, = self.traced("sent")
        self.assertEqual(queries([call]), ["SELECT SLEEP(?)"])
        self.assertGreaterEqual(duration(call), 0.1)

    def test_a_lost_connection_is_a_fault(self):
        _, call = self.traced("lost")
        self.assertTrue(call["fault"])
        self.assertRegex(errors([call])[0], r"^MySQL 20(06|13) \(")

    def test_the_database_and_the_way_of_quoting_are_followed(self):
        calls = self.traced("settings")
        self.assertEqual([call["name"].split("@")[0] for call in calls],
                         ["shop", "shop"] + ["other"] * 4)
        # A backslash escapes in the third, and in the fifth it does not.
        self.assertEqual(queries(calls)[2], "SELECT ? AS first, ? AS second")
        self.assertEqual(queries(calls)[4], "SELECT ?")

    def test_connections_by_socket_are_to_localhost(self):
        call, *_ = self.traced("lost", port=self.server.socket)
        self.assertEqual((call["name"], call["sql"]["url"]),
                         ("shop@localhost", "mysql://localhost/shop"))

    def test_of_what_was_there_before_patching_connections_are_known_and_statements_are_not(self):
        with Recorder() as recorder:
            self.run_program(recorder, "earlier")
            segment, = recorder.segments(1)
        calls = subsegments(segment)
        if "TRACED_FROM_THE_START" in os.environ:  # then there is nothing from before
            self.assertEqual([call["name"] for call in calls], ["shop@127.0.0.1"] * 4)
            self.assertNotIn(None, queries(calls))
            return
        self.assertEqual([call["name"] for call in calls], ["shop@127.0.0.1"] + ["MySQL"] * 3)
        self.assertEqual(queries(calls),
                         ["SELECT ?", None] + ["SELECT CAST(? AS INT) + ?"] * 2)

    def test_a_trace_that_is_not_sampled_leaves_no_document(self):
        with Recorder() as recorder:
            self.run_program(recorder, "queries", AWS_XRAY_SAMPLER="never")
            self.assertEqual(recorder.documents(0), [])


if __name__ == "__main__":
    unittest.main()
