"""A disk that others fill up: xrayd says so, answers questions, counts its losses, and recovers.

The disk is a file system in memory, which only root may make: others skip these tests, loudly.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import unittest

from segments import UdpSender, datagram, new_trace_id, segment
from xrayd_process import Xrayd, binary, environment, wait_until

MIB = 1 << 20
DISK_BYTES = 24 * MIB
STORED = "xrayd_documents_stored_total"
FAILED = 'xrayd_documents_dropped_total{reason="store_failed"}'
QUEUE_FULL = 'xrayd_documents_dropped_total{reason="queue_full"}'
NO_SPACE = "No space left on device"


class SmallDisk:
    """A file system of its own; a context manager."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="xrayd-disk-")
        self._ballast = os.path.join(self.path, "ballast")
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=700", "xrayd-test", self.path],
            capture_output=True, text=True, check=False)
        self.refusal = made.stderr if made.returncode else None

    def fill(self):
        """Until nothing more fits."""
        with open(self._ballast, "ab", buffering=0) as file:
            for size in (MIB, 4096, 1):
                try:
                    while file.write(b"x" * size) == size:
                        pass
                except OSError:
                    pass

    def free(self):
        os.remove(self._ballast)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.refusal is None:
            subprocess.run(["umount", "--lazy", self.path], check=True)
        os.rmdir(self.path)


class DiskFull(unittest.TestCase):
    def setUp(self):
        self.disk = self.enterContext(SmallDisk())
        if self.disk.refusal is not None:
            print(f"SKIPPED: no file system of our own: {self.disk.refusal}", file=sys.stderr)
            self.skipTest("only root may mount a file system")
        self.data_dir = os.path.join(self.disk.path, "data")

    def start(self, *arguments):
        return self.enterContext(Xrayd(None, *arguments, data_dir=self.data_dir))

    def put(self, xrayd, *documents):
        """Status and answer."""
        texts = [json.dumps(document) for document in documents]
        status, _, body = xrayd.request(
            "POST", "/TraceSegments", json.dumps({"TraceSegmentDocuments": texts}))
        return status, json.loads(body)

    def put_well(self, xrayd, name):
        document = segment(name=name)
        self.assertEqual(self.put(xrayd, document), (200, {"UnprocessedTraceSegments": []}))
        return document["trace_id"]

    def ready(self, xrayd):
        status, _, body = xrayd.request("GET", "/readyz")
        return status, body.decode()

    def fill_until_told(self, xrayd):
        """Others take all that is left while documents come: the number of documents refused."""
        refused = 0
        # What the present journal's last page has room for may still be written.
        for _ in range(200):
            self.disk.fill()
            status, answer = self.put(xrayd, segment(metadata={"m": {"text": "x" * 5000}}))
            if status == 500:
                refused += 1
                self.assertIn(NO_SPACE, answer["Message"])
                self.assertNotIn(self.data_dir, answer["Message"])
                return refused
            self.assertEqual(status, 200)
        self.fail("a full disk took everything")

    def test_a_full_disk_is_told_of_and_over_when_there_is_room(self):
        xrayd = self.start()
        self.assertEqual(self.ready(xrayd)[0], 200)
        before = [self.put_well(xrayd, "before") for _ in range(20)]
        group = xrayd.call("/CreateGroup", GroupName="g", FilterExpression="ok")["Group"]
        refused = self.fill_until_told(xrayd)

        with self.subTest("it says so"):
            status, text = self.ready(xrayd)
            self.assertEqual(status, 503)
            self.assertIn(NO_SPACE, text)
            self.assertNotIn(self.data_dir, text)
            self.assertEqual(xrayd.request("GET", "/healthz")[0], 200)
            self.assertIn("the store takes no writes", xrayd.log)
            metrics = xrayd.metrics()
            self.assertGreater(metrics["xrayd_store_commit_errors_total"], 0)
            self.assertEqual(metrics[FAILED], refused)
            status, _, body = xrayd.request("GET", "/console/api/v1/daemon")
            self.assertEqual(status, 200)
            self.assertIn(NO_SPACE, body.decode())
        with self.subTest("questions are answered"):
            self.assertEqual(len(xrayd.traces(before)), len(before))
            now = int(time.time())
            span = {"StartTime": now - 300, "EndTime": now + 2}
            listed = {summary["Id"] for summary in
                      xrayd.call("/TraceSummaries", **span)["TraceSummaries"]}
            self.assertLessEqual(set(before), listed)
            names = {each["Name"] for each in xrayd.call("/ServiceGraph", **span)["Services"]}
            self.assertIn("before", names)
            self.assertEqual(xrayd.call("/GetGroup", GroupName="g")["Group"], group)
            self.assertTrue(xrayd.call("/GetSamplingRules")["SamplingRuleRecords"])
            self.assertEqual(xrayd.call("/SamplingTargets", SamplingStatisticsDocuments=[])[
                "UnprocessedStatistics"], [])

        # Nobody waits for these: they do.
        sent = [new_trace_id() for _ in range(50)]
        with UdpSender(xrayd.udp_port) as sender:
            for trace_id in sent:
                sender.send(datagram(segment(trace_id, "sent")))
        wait_until(lambda: xrayd.metrics()["xrayd_documents_received_total"] >= 50 + 20, 15,
                   lambda: "they were not received")

        self.disk.free()
        wait_until(lambda: self.ready(xrayd)[0] == 200, 15, lambda: self.ready(xrayd)[1])
        after = self.put_well(xrayd, "after")
        xrayd.traces([*before, *sent, after])
        self.assertIn("the store takes writes again", xrayd.log)
        metrics = xrayd.metrics()
        self.assertEqual(metrics[FAILED], refused)
        self.assertEqual(metrics["xrayd_documents_received_total"],
                         metrics[STORED] + metrics[FAILED] + metrics[QUEUE_FULL])
        self.assertEqual(xrayd.stop(), 0)
        with Xrayd(data_dir=self.data_dir) as again:
            again.traces([*before, *sent, after])
            self.assertEqual(again.metrics()["xrayd_store_damaged_files_total"], 0)

    def test_what_does_not_fit_into_memory_meanwhile_is_counted(self):
        xrayd = self.start("--buffer-memory", "3")
        kept = self.put_well(xrayd, "kept")
        self.fill_until_told(xrayd)
        large = {"m": {"text": "x" * 20_000}}
        last = new_trace_id()
        count = 400
        with UdpSender(xrayd.udp_port) as sender:
            for i in range(count):
                sender.send(datagram(segment(last if i == count - 1 else None, metadata=large)))
                time.sleep(0.001)
        dropped = xrayd.wait_for_metric(QUEUE_FULL, 1)
        self.assertLess(dropped, count)
        self.disk.free()
        wait_until(lambda: self.ready(xrayd)[0] == 200, 15, lambda: self.ready(xrayd)[1])
        # The oldest have gone, the newest have not.
        xrayd.traces([kept, last])
        settled = wait_until(
            lambda: (m := xrayd.metrics())["xrayd_documents_received_total"]
            == m[STORED] + m[FAILED] + m[QUEUE_FULL] and m, 15, lambda: f"{xrayd.metrics()}")
        self.assertGreater(settled[QUEUE_FULL], 0)

    def test_settings_that_can_not_be_stored_are_refused_and_stay_as_they_were(self):
        xrayd = self.start()
        self.fill_until_told(xrayd)
        before = xrayd.call("/Groups")
        for path, arguments in (
                ("/CreateGroup", {"GroupName": "g" * 32, "FilterExpression": "ok " * 2000}),
                ("/PutEncryptionConfig", {"Type": "KMS", "KeyId": "k" * 3000})):
            with self.subTest(path):
                # Some pages may be left in the file; not for as many as are asked for.
                for i in range(50):
                    if "GroupName" in arguments:
                        arguments["GroupName"] = f"g-{i}"
                    status, _, body = xrayd.request("POST", path, json.dumps(arguments))
                    if status != 200:
                        break
                if status == 200:
                    continue
                self.assertEqual(status, 500)
                self.assertNotIn(self.data_dir, body.decode())
        self.assertLessEqual(len(before["Groups"]), len(xrayd.call("/Groups")["Groups"]))
        self.disk.free()
        name = {"GroupName": "late", "FilterExpression": "ok"}
        wait_until(lambda: xrayd.request("POST", "/CreateGroup", json.dumps(name))[0] == 200, 15,
                   lambda: "no group can be made")

    def test_a_full_disk_at_the_start_is_told_in_words(self):
        with Xrayd(data_dir=self.data_dir) as xrayd:
            kept = self.put_well(xrayd, "kept")
        self.disk.fill()
        started = subprocess.run(
            [binary(), "--backend", "local", "--data-dir", os.path.join(self.disk.path, "other"),
             "--bind", "127.0.0.1:0", "--bind-tcp", "127.0.0.1:0"],
            capture_output=True, text=True, timeout=20, env=environment(), check=False)
        self.assertEqual(started.returncode, 1)
        self.assertIn("other", started.stderr)
        self.disk.free()
        with Xrayd(data_dir=self.data_dir) as xrayd:
            xrayd.traces([kept])


if __name__ == "__main__":
    unittest.main()
