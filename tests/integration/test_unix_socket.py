"""From a traced program over the unix socket to stored traces: nothing is lost on the way."""

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from xrayd_process import Xrayd, environment, wait_until

RECEIVED = "xrayd_stream_frames_received_total"
STORED = "xrayd_store_traces"
WAITS = "xrayd_stream_waits_total"


class Program:
    """The traced program; a context manager."""

    def __init__(self, address):
        self._name = f"{int(time.time()):08x}-{os.urandom(8).hex()}"
        self._process = subprocess.Popen(
            [os.environ["TRACED_PROGRAM"], address, self._name], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment())

    def _ask(self, line):
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def trace_id(self, number):
        return f"1-{self._name}{number:08x}"

    def record(self, first, count):
        return self._ask(f"record {first} {count}")

    def flush(self, seconds):
        return self._ask(f"flush {int(seconds * 1000)}") == "1"

    def statistics(self):
        sent, queue_full, send_failed = map(int, self._ask("statistics").split())
        return {"sent": sent, "queue_full": queue_full, "send_failed": send_failed}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()


class UnixSocket(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="xrayd-test-")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.socket = self.directory + "/xrayd.sock"

    def xrayd(self, *arguments):
        return Xrayd(None, "--unix-socket", self.socket, *arguments,
                     data_dir=self.directory + "/data")

    def program(self):
        return Program("unix:" + self.socket)

    def assert_stored(self, xrayd, program, count):
        wait_until(lambda: xrayd.metrics().get(STORED) == count, 60,
                   lambda: f"not {count} traces: {xrayd.metrics()}")
        ids = [program.trace_id(i) for i in range(0, count, max(1, count // 50))]
        self.assertEqual(len(xrayd.traces(ids)), len(ids))

    def test_every_segment_arrives_where_the_store_is_slower_than_the_program(self):
        with self.xrayd("--buffer-memory", "3") as xrayd, self.program() as program:
            self.assertIn("unix " + self.socket, xrayd.log)
            # All of the daemon on one processor, at the end of the queue: slower than the program.
            for task in os.listdir(f"/proc/{xrayd.process.pid}/task"):
                os.sched_setaffinity(int(task), {min(os.sched_getaffinity(0))})
                os.setpriority(os.PRIO_PROCESS, int(task), 19)
            count = 0
            while count < 400_000 and (count == 0 or xrayd.metrics()[WAITS] == 0):
                program.record(count, 20_000)  # as many as the program's queue holds
                count += 20_000
                self.assertTrue(program.flush(60))
            self.assertEqual(program.statistics(),
                             {"sent": count, "queue_full": 0, "send_failed": 0})
            self.assert_stored(xrayd, program, count)
            metrics = xrayd.metrics()
            self.assertEqual(metrics[RECEIVED], count)
            self.assertGreater(metrics[WAITS], 0)
            self.assertEqual(metrics['xrayd_documents_dropped_total{reason="queue_full"}'], 0)

    def test_a_daemon_stopped_in_its_tracks_gets_everything_when_it_goes_on(self):
        with self.xrayd() as xrayd, self.program() as program:
            xrayd.process.send_signal(signal.SIGSTOP)
            program.record(0, 5000)
            self.assertFalse(program.flush(0.2))
            xrayd.process.send_signal(signal.SIGCONT)
            self.assertTrue(program.flush(30))
            self.assert_stored(xrayd, program, 5000)

    def test_a_daemon_restarted_under_load_loses_nothing(self):
        with self.program() as program:
            recorder = threading.Thread(
                target=lambda: [program.record(200 * i, 200) or time.sleep(0.05)
                                for i in range(20)])
            # How much is stored within the usual time is the machine's business, not this test's.
            with self.xrayd("--drain-timeout", "1m") as xrayd:
                recorder.start()
                xrayd.wait_for_metric(STORED, 400, timeout=60)
                self.assertEqual(xrayd.stop(90), 0)
            self.assertFalse(os.path.exists(self.socket))
            with self.xrayd() as xrayd:
                recorder.join()
                self.assertTrue(program.flush(60))
                self.assertEqual(program.statistics(),
                                 {"sent": 4000, "queue_full": 0, "send_failed": 0})
                self.assert_stored(xrayd, program, 4000)

    def test_after_a_daemon_was_killed_the_next_one_gets_what_was_recorded_meanwhile(self):
        with self.program() as program:
            with self.xrayd() as xrayd:
                program.record(0, 1000)
                xrayd.wait_for_metric(STORED, 1000)
                xrayd.kill()
            self.assertTrue(os.path.exists(self.socket))
            program.record(1000, 3000)
            self.assertFalse(program.flush(0.2))
            with self.xrayd() as xrayd:
                self.assertTrue(program.flush(30))
                self.assert_stored(xrayd, program, 4000)
            self.assertEqual(program.statistics(),
                             {"sent": 4000, "queue_full": 0, "send_failed": 0})

    def test_a_socket_in_use_or_a_file_in_its_place_is_one_line_and_status_1(self):
        with self.xrayd():
            result = self.run_second()
            self.assertEqual(result.returncode, 1)
            self.assertIn("another process listens", result.stderr)
        with open(self.socket, "w", encoding="ascii") as file:
            file.write("precious")
        result = self.run_second()
        self.assertEqual(result.returncode, 1)
        self.assertIn("no socket", result.stderr)
        self.assertEqual(result.stderr.count("\n"), 1)

    def run_second(self):
        return subprocess.run(
            [os.environ["XRAYD_BIN"], "--backend", "local", "--data-dir",
             self.directory + "/second", "--bind", "127.0.0.1:0", "--bind-tcp", "127.0.0.1:0",
             "--unix-socket", self.socket], capture_output=True, text=True, timeout=20,
            env=environment())


if __name__ == "__main__":
    unittest.main()
