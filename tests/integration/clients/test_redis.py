"""A program's Redis commands are subsegments, as the server counted them, without an argument."""

import json
import os
import subprocess
import unittest

from recorder import Recorder, subsegments
from redis_server import RedisServer

HOST = "redis@127.0.0.1"


class RedisTest(unittest.TestCase):
    def run_program(self):
        with RedisServer() as server, Recorder() as recorder:
            done = subprocess.run(
                [os.environ["PROGRAM"], str(server.port), str(server.path)],
                env={**os.environ, **recorder.environment()}, capture_output=True, text=True,
                timeout=60, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            segment, = recorder.segments(1)
            return segment, server.commands(), server.port

    def test_every_command_the_server_saw_was_recorded_and_no_argument(self):
        segment, counted, port = self.run_program()
        self.assertNotIn("secret", json.dumps(segment))
        calls = subsegments(segment)
        self.assertEqual({c["name"] for c in calls}, {HOST, "redis@redis.sock"})
        self.assertEqual({c["namespace"] for c in calls}, {"remote"})

        recorded = {}
        for call in calls:
            told = call["metadata"]["redis"]
            for name, count in told.get("by_name", {told["command"]: 1}).items():
                recorded[name.lower()] = recorded.get(name.lower(), 0) + count
            self.assertEqual(call["annotations"]["redis_command"], told["command"])
            if call["name"] == HOST:
                self.assertEqual((told["host"], told["port"]), ("127.0.0.1", port))
        # The server has names of its own for parts of CLIENT; the PING of the lost connection did
        # not reach it, that of the test did, as did its INFO at the end.
        clients = sum(n for name, n in counted.items() if name.startswith("client"))
        self.assertEqual(recorded.pop("client"), clients)
        counted = {name: n for name, n in counted.items()
                   if not name.startswith("client") and name not in ("ping", "info")}
        self.assertEqual(recorded.pop("ping"), 3)
        self.assertEqual(recorded, counted)

    def test_commands_are_told_apart(self):
        segment, _, _ = self.run_program()
        calls = subsegments(segment)

        def of(command):
            return [c for c in calls if c["annotations"]["redis_command"] == command]

        refused, = of("INCR")
        self.assertTrue(refused["error"])
        self.assertNotIn("fault", refused)
        exception, = refused["cause"]["exceptions"]
        self.assertEqual(exception["type"], "Redis WRONGTYPE")
        self.assertNotIn("message", exception)

        pipeline, = of("PIPELINE")
        told = pipeline["metadata"]["redis"]
        self.assertEqual(told["commands"], 11)
        self.assertEqual(told["by_name"], {"SET": 10, "GET": 1})
        self.assertNotIn("fault", pipeline)

        lost, = [c for c in of("PING") if c.get("fault")]
        exception, = lost["cause"]["exceptions"]
        self.assertEqual(exception["type"], "Redis connection")

        flawed = [c for c in calls if c.get("error") or c.get("fault")]
        self.assertEqual(len(flawed), 2)

    def test_subsegments_last_as_long_as_their_calls(self):
        segment, _, _ = self.run_program()
        for call in subsegments(segment):
            self.assertLess(call["start_time"], call["end_time"])
            self.assertLessEqual(segment["start_time"], call["start_time"])
            self.assertLessEqual(call["end_time"], segment["end_time"])


if __name__ == "__main__":
    unittest.main()
