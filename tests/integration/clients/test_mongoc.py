"""A program's MongoDB commands are subsegments, by libmongoc's monitoring, without a document."""

import json
import os
import subprocess
import unittest

from mockup_mongodb import MockupMongodb
from recorder import Recorder, subsegments


class MongocTest(unittest.TestCase):
    def run_program(self, *arguments):
        with MockupMongodb() as server, Recorder() as recorder:
            done = subprocess.run(
                [os.environ["PROGRAM"], server.uri, *arguments],
                env={**os.environ, **recorder.environment()}, capture_output=True, text=True,
                timeout=60, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            segment, = recorder.segments(1)
            return segment, server

    def check(self, segment, server):
        self.assertNotIn("secret", json.dumps(segment))
        calls = subsegments(segment)
        self.assertEqual([c["annotations"]["mongodb_command_name"] for c in calls],
                         ["insert", "insert", "find", "collStats", "ping"])
        self.assertEqual(server.commands, ["insert", "insert", "find", "collStats", "ping"])
        for call in calls:
            self.assertEqual(call["name"], f"shop@{server.address}")
            self.assertEqual(call["namespace"], "remote")
            told = call["annotations"]
            self.assertEqual(told["mongodb_database_name"], "shop")
            self.assertGreaterEqual(told["mongodb_duration_micros"], 0)
            self.assertIsInstance(told["mongodb_request_id"], int)
            self.assertIsInstance(told["mongodb_operation_id"], int)
        self.assertEqual(len({c["annotations"]["mongodb_request_id"] for c in calls}), 5)

        insert, duplicate, find, refused, lost = calls
        for fine in (insert, find):
            self.assertFalse({"error", "fault", "cause"} & fine.keys(), fine)
        self.assertTrue(duplicate["error"])
        self.assertNotIn("fault", duplicate)
        self.assertEqual(duplicate["cause"]["exceptions"][0]["type"], "MongoDB 11000")
        self.assertTrue(refused["fault"])
        self.assertEqual(refused["cause"]["exceptions"][0]["type"], "MongoDB 13")
        self.assertTrue(lost["fault"])

    def test_commands_of_a_client_are_recorded_as_the_server_saw_them(self):
        self.check(*self.run_program())

    def test_commands_of_a_pools_clients_are_too(self):
        self.check(*self.run_program("pool"))


if __name__ == "__main__":
    unittest.main()
