"""SIGKILL, again and again, at any moment, while documents come by HTTP and by UDP.

What was answered is there after the next start, and so is what came by UDP a moment before.
"""

import http.client
import json
import os
import random
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

from segments import UdpSender, datagram, new_trace_id, segment
from xrayd_process import Xrayd, binary, environment

ROUNDS = 5
# What comes by UDP is safe as soon as xrayd has gathered it.
UNSAFE_SECONDS = 0.05


def batch(**members):
    """Ids of traces, and a request that puts a document of each."""
    ids = [new_trace_id() for _ in range(20)]
    texts = [json.dumps(segment(each, "put", **members)) for each in ids]
    return ids, json.dumps({"TraceSegmentDocuments": texts})


def batches():
    while True:
        yield batch()


class Sender:
    """Puts batches with a pause between them until its connection breaks or it is stopped."""

    def __init__(self, port, pause, those):
        self._pause = pause
        self._batches = those
        self.stored = []
        self.broken = []
        self._port = port
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        try:
            for ids, request in self._batches:
                if self._over.is_set():
                    break
                connection.request("POST", "/TraceSegments", request)
                answer = connection.getresponse()
                body = json.loads(answer.read())
                if answer.status == 200 and body == {"UnprocessedTraceSegments": []}:
                    self.stored += ids
                else:
                    self.broken.append(body)
                self._over.wait(self._pause)
        except (OSError, http.client.HTTPException, ValueError):
            pass
        finally:
            connection.close()

    def stop(self):
        self._over.set()
        self._thread.join()


class DatagramSender:
    """Sends documents; of each it knows when."""

    def __init__(self, port):
        self.sent = []
        # The longest time that this thread was kept from running: others are kept from it as well.
        self.stall = 0
        self._port = port
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        pause = 0.003
        with UdpSender(self._port) as sender:
            while not self._over.is_set():
                begin = time.monotonic()
                for _ in range(3):
                    trace_id = new_trace_id()
                    sender.send(datagram(segment(trace_id, "udp")))
                    self.sent.append((time.monotonic(), trace_id))
                time.sleep(pause)
                self.stall = max(self.stall, time.monotonic() - begin - pause)

    def stop(self):
        self._over.set()
        self._thread.join()

    def sent_before(self, moment):
        return [trace_id for when, trace_id in self.sent if when < moment]


class KillLoop(unittest.TestCase):
    def setUp(self):
        self.data_dir = tempfile.mkdtemp(prefix="xrayd-test-")
        self.addCleanup(shutil.rmtree, self.data_dir, ignore_errors=True)
        # Told where it fails, to be put here then.
        self.seed = int.from_bytes(os.urandom(4))
        self.random = random.Random(self.seed)

    def kill_under_load(self, seconds, pause, those):
        """The traces that must be there after it: those put, those sent."""
        with Xrayd(data_dir=self.data_dir) as xrayd:
            self.assert_no_damage(xrayd)
            datagrams = DatagramSender(xrayd.udp_port)
            senders = [Sender(xrayd.tcp_port, pause, each) for each in those]
            try:
                time.sleep(seconds)
                dropped = xrayd.metrics()["xrayd_datagrams_dropped_by_kernel_total"]
                killed_at = time.monotonic()
                xrayd.process.kill()
            finally:
                for each in (*senders, datagrams):
                    each.stop()
            xrayd.kill()
        self.assertEqual([each.broken for each in senders], [[], [], []])
        answered = [trace_id for each in senders for trace_id in each.stored]
        self.assertGreater(len(answered), 0)
        unsafe_since = killed_at - UNSAFE_SECONDS - 3 * datagrams.stall
        return answered, datagrams.sent_before(unsafe_since) if dropped == 0 else []

    def kill_while_it_starts(self):
        process = subprocess.Popen(
            [binary(), "--backend", "local", "--data-dir", self.data_dir, "--bind", "127.0.0.1:0",
             "--bind-tcp", "127.0.0.1:0"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())
        time.sleep(self.random.uniform(0, 0.1))
        process.kill()
        process.wait()

    def assert_no_damage(self, xrayd):
        self.assertEqual(xrayd.metrics()["xrayd_store_damaged_files_total"], 0)
        self.assertNotIn("[Error]", xrayd.log)
        self.assertEqual([name for name in os.listdir(self.data_dir) if "damaged" in name], [])

    def assert_all_there(self, xrayd, ids):
        found = {}
        for begin in range(0, len(ids), 100):
            for trace in xrayd.call("/Traces", TraceIds=ids[begin:begin + 100])["Traces"]:
                found[trace["Id"]] = len(trace["Segments"])
        missing = [each for each in ids if each not in found]
        self.assertEqual(missing[:3], [], f"{len(missing)} of {len(ids)} are missing")
        self.assertEqual(set(found.values()), {1})

    def listed(self, xrayd):
        span = {"StartTime": int(time.time()) - 900, "EndTime": int(time.time()) + 5}
        token, count = None, 0
        while True:
            page = xrayd.call("/TraceSummaries", **span, **({"NextToken": token} if token else {}))
            count += len(page["TraceSummaries"])
            token = page.get("NextToken")
            if not token:
                return count

    def test_what_was_answered_outlives_every_kill(self):
        safe = []
        for number in range(ROUNDS):
            with self.subTest(round=number, seed=self.seed):
                answered, sent = self.kill_under_load(
                    self.random.uniform(0.2, 3), 0.03, [batches() for _ in range(3)])
                for _ in range(self.random.randrange(3)):
                    self.kill_while_it_starts()
                with Xrayd(data_dir=self.data_dir) as xrayd:
                    self.assert_no_damage(xrayd)
                    self.assert_all_there(xrayd, answered)
                    self.assert_all_there(xrayd, sent)
                    xrayd.kill()
                safe += answered + sent
        with Xrayd(data_dir=self.data_dir) as xrayd:
            self.assert_no_damage(xrayd)
            self.assert_all_there(xrayd, safe)
            listed = self.listed(xrayd)
            self.assertGreaterEqual(listed, len(safe))
            self.assertEqual(xrayd.stop(), 0)
        with Xrayd(data_dir=self.data_dir) as xrayd:
            self.assertEqual(self.listed(xrayd), listed)
            self.assert_all_there(xrayd, safe)

    def test_datagrams_are_safe_beside_a_flood_of_requests(self):
        """The requests fill memory, and wait for the disk; datagrams must not wait with them."""
        # Made before, for their rate is what matters; together more than memory has room for.
        flood = [[batch(metadata={"m": {"text": "x" * 8000}}) for _ in range(100)]
                 for _ in range(3)]
        answered, sent = self.kill_under_load(1, 0, flood)
        with Xrayd(data_dir=self.data_dir) as xrayd:
            self.assert_no_damage(xrayd)
            self.assert_all_there(xrayd, sent)
            self.assert_all_there(xrayd, self.random.sample(answered, min(len(answered), 500)))


if __name__ == "__main__":
    unittest.main()
