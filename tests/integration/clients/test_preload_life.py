"""The segment of a whole process: when it begins, all the ways in which it ends, and its family."""

import os
import signal
import subprocess
import time
import unittest

from preloaded import Preloaded, as_parent, parent_of
from recorder import subsegments

PROGRAM = os.environ["PROGRAM"]
NAME = os.path.basename(PROGRAM)
TRACE = "1-5759e988-bd862e3fe1be46a994272793"
PARENT = "53995c3f42cd8ad8"


class Ends(unittest.TestCase):
    def one_segment(self, way, status):
        with Preloaded() as preloaded:
            preloaded.run(PROGRAM, way, status=status)
            segment, = preloaded.recorder.segments(1)
        return segment

    def test_every_way_out_sends_the_segment_once_and_keeps_the_status(self):
        for way, status in (("return", 3), ("exit", 4), ("underscore-exit", 5), ("c-exit", 6),
                            ("quick-exit", 8)):
            with self.subTest(way):
                segment = self.one_segment(way, status)
                self.assertEqual(segment["name"], NAME)
                self.assertEqual(len(segment["subsegments"]), 1)

    def test_says_which_process_it_was_and_not_with_which_arguments(self):
        with Preloaded() as preloaded:
            preloaded.run(PROGRAM, "return", "secret-argument", status=3)
            segment, = preloaded.recorder.segments(1)
        self.assertEqual(segment["metadata"]["process"]["program"], NAME)
        self.assertIsInstance(segment["metadata"]["process"]["pid"], int)
        self.assertNotIn("secret-argument", str(segment))

    def test_calls_of_exit_handlers_and_static_destructors_are_in_it(self):
        segment = self.one_segment("at-exit", 0)
        self.assertEqual(len(segment["subsegments"]), 3)

    def test_threads_that_call_at_exit_disturb_nobody(self):
        with Preloaded() as preloaded:
            preloaded.run(PROGRAM, "threads")
            found = [d for d in preloaded.recorder.documents(1) if d["name"] == NAME]
        self.assertEqual(len(found), 1)

    def test_a_program_that_closes_all_descriptors_keeps_its_new_ones_for_itself(self):
        with Preloaded() as preloaded:
            preloaded.run(PROGRAM, "close-everything")
            preloaded.recorder.segments(1)
            calls = [d for d in preloaded.recorder.documents() if d.get("type") == "subsegment"]
        self.assertGreater(len(calls), 1000)

    def test_without_a_hooked_call_there_is_none(self):
        with Preloaded() as preloaded:
            preloaded.run(PROGRAM, "nothing")
            preloaded.run(PROGRAM, "return", status=3)
            preloaded.recorder.segments(1)

    def test_without_a_daemon_nobody_waits(self):
        for address in ("127.0.0.1:9", "unix:/nowhere/at/all"):
            with self.subTest(address), Preloaded(AWS_XRAY_DAEMON_ADDRESS=address) as preloaded:
                before = time.monotonic()
                preloaded.run(PROGRAM, "return", status=3)
                preloaded.run(PROGRAM, "underscore-exit", status=5)
                # Twice the second that is promised, and what a busy machine needs to start them.
                self.assertLess(time.monotonic() - before, 10)


class Signals(unittest.TestCase):
    def ended_by(self, number, way="wait"):
        with Preloaded() as preloaded:
            process = preloaded.start(PROGRAM, way)
            process.send_signal(number)
            process.communicate(timeout=60)
            segment, = preloaded.recorder.segments(1)
        return process.returncode, segment

    def test_a_process_that_a_signal_ends_has_its_segment_and_dies_of_the_signal(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number):
                status, segment = self.ended_by(number)
                self.assertEqual(status, -number)
                self.assertEqual(segment["name"], NAME)

    def test_the_call_that_was_running_ends_with_it(self):
        status, segment = self.ended_by(signal.SIGTERM, "for-ever")
        self.assertEqual(status, -signal.SIGTERM)
        call, = segment["subsegments"]
        self.assertIn("end_time", call)
        self.assertIn("SELECT sleep()", call["sql"]["sanitized_query"])

    def test_a_handler_of_the_programs_own_is_left_alone(self):
        status, segment = self.ended_by(signal.SIGTERM, "handles-sigterm")
        self.assertEqual(status, 7)
        self.assertEqual(segment["name"], NAME)

    def test_a_handler_that_calls_the_one_before_goes_on_to_its_own_end(self):
        status, segment = self.ended_by(signal.SIGTERM, "handles-sigterm-too")
        self.assertEqual(status, 7)
        self.assertEqual(segment["name"], NAME)

    def test_a_handler_that_cleans_up_and_dies_of_the_signal_loses_nothing(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number):
                status, segment = self.ended_by(number, "cleans-up")
                self.assertEqual(status, -number)
                self.assertEqual(len(segment["subsegments"]), 1)

    def test_a_signal_of_its_own_that_is_blocked_is_not_the_end(self):
        with Preloaded() as preloaded:
            preloaded.run(PROGRAM, "kills-itself-in-vain")
            before, after = preloaded.recorder.segments(2)
        self.assertEqual([len(s["subsegments"]) for s in (before, after)], [1, 1])

    def test_a_handler_that_hands_the_signal_on_to_the_system_ends_the_segment(self):
        status, segment = self.ended_by(signal.SIGTERM, "hands-sigterm-on")
        self.assertEqual(status, -signal.SIGTERM)
        self.assertEqual(segment["name"], NAME)

    def test_a_signal_that_is_ignored_stays_ignored(self):
        with Preloaded() as preloaded:
            process = subprocess.Popen(
                [PROGRAM, "wait"], env=preloaded.environment(), stdout=subprocess.PIPE, text=True,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
            self.assertEqual(process.stdout.readline(), "ready\n")
            process.send_signal(signal.SIGINT)
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
            preloaded.recorder.segments(1)
        self.assertEqual(process.returncode, -signal.SIGTERM)

    def test_of_a_process_that_is_killed_the_announcement_remains(self):
        with Preloaded() as preloaded:
            process = preloaded.start(PROGRAM, "wait")
            documents = preloaded.recorder.documents(0)
            deadline = time.monotonic() + 60
            while not documents and time.monotonic() < deadline:
                time.sleep(0.2)
                documents = preloaded.recorder.documents(0)
            process.kill()
            process.communicate(timeout=60)
            documents = preloaded.recorder.documents(0)
        announced, = documents
        self.assertTrue(announced["in_progress"])
        self.assertEqual(announced["name"], NAME)


class Family(unittest.TestCase):
    def test_continues_the_trace_of_its_environment(self):
        with Preloaded(_X_AMZN_TRACE_ID=f"Root={TRACE};Parent={PARENT};Sampled=1") as preloaded:
            preloaded.run(PROGRAM, "return", status=3, environment={"AWS_XRAY_SAMPLER": "never"})
            segment, = preloaded.recorder.segments(1)
        self.assertEqual(parent_of(segment), (TRACE, PARENT))

    def test_is_not_recorded_where_the_environment_says_so(self):
        with Preloaded() as preloaded:
            preloaded.run(PROGRAM, "children", environment={
                "_X_AMZN_TRACE_ID": f"Root={TRACE};Parent={PARENT};Sampled=0"})
            preloaded.run(PROGRAM, "return", status=3)
            preloaded.recorder.segments(1)

    def test_has_the_name_that_the_environment_gives(self):
        with Preloaded(AWS_XRAY_TRACING_NAME="night job") as preloaded:
            preloaded.run(PROGRAM, "return", status=3)
            segment, = preloaded.recorder.segments(1)
        self.assertEqual(segment["name"], "night job")

    def test_children_of_every_kind_are_below_it(self):
        with Preloaded() as preloaded:
            preloaded.run(PROGRAM, "children")
            parent, *children = preloaded.recorder.segments(5)
        self.assertEqual([parent_of(child) for child in children], [as_parent(parent)] * 4)

    def test_processes_without_calls_hand_the_trace_on(self):
        with Preloaded() as preloaded:
            preloaded.run("/bin/sh", "-c", f"{PROGRAM} return; {PROGRAM} return; true")
            one, other = preloaded.recorder.segments(2)
        self.assertEqual(one["trace_id"], other["trace_id"])
        self.assertNotIn("parent_id", one)

    def test_a_program_that_takes_its_place_is_below_it(self):
        for way in ("exec", "old-environment"):
            with self.subTest(way), Preloaded() as preloaded:
                preloaded.run(PROGRAM, way, status=3)
                before, after = preloaded.recorder.segments(2)
                self.assertEqual(parent_of(after), as_parent(before))

    def test_goes_on_where_the_other_program_can_not_be_run(self):
        with Preloaded() as preloaded:
            preloaded.run(PROGRAM, "exec-in-vain")
            before, after = preloaded.recorder.segments(2)
        self.assertEqual(before["trace_id"], after["trace_id"])
        self.assertEqual([len(s["subsegments"]) for s in (before, after)], [1, 1])

    def test_a_forked_child_has_its_own_below_it_and_sends_nothing_of_its_parents(self):
        with Preloaded() as preloaded:
            preloaded.run(PROGRAM, "fork")
            parent, child = preloaded.recorder.segments(2)
        self.assertEqual(parent_of(child), as_parent(parent))
        self.assertEqual([s["sql"]["sanitized_query"] for s in subsegments(parent)], ["SELECT ?"])
        self.assertEqual(len(subsegments(child)), 1)


class Off(unittest.TestCase):
    def test_nothing_happens_where_the_environment_says_so(self):
        for off in ({"AWS_XRAY_SDK_ENABLED": "false"}, {"AWS_XRAY_PATCH": "none"},
                    {"AWS_XRAY_SDK_DISABLED": "true"}):
            with self.subTest(off), Preloaded() as preloaded:
                preloaded.run(PROGRAM, "return", status=3, environment=off)
                self.assertNotIn("_X_AMZN_TRACE_ID",
                                 preloaded.run("/usr/bin/env", environment=off))
                preloaded.run(PROGRAM, "return", status=3)
                preloaded.recorder.segments(1)

    def test_clients_that_are_not_named_are_left_alone(self):
        with Preloaded() as preloaded:
            preloaded.run(PROGRAM, "return", status=3, environment={"AWS_XRAY_PATCH": "curl"})
            preloaded.run(PROGRAM, "return", status=3, environment={"AWS_XRAY_PATCH": "sqlite3"})
            preloaded.recorder.segments(1)


if __name__ == "__main__":
    unittest.main()
