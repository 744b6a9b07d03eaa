"""What is received is stored: in bursts, through SIGTERM, through SIGKILL."""

import shutil
import tempfile
import threading
import time
import unittest

from segments import UdpSender, datagram, new_trace_id, segment
from xrayd_process import Xrayd

RECEIVED = "xrayd_datagrams_received_total"
STORED = "xrayd_documents_stored_total"
DROPPED_BY_KERNEL = "xrayd_datagrams_dropped_by_kernel_total"


class Load:
    """Sends segments, one trace each, from a thread of its own until it is stopped."""

    def __init__(self, port):
        self.sent = []
        self._port = port
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        with UdpSender(self._port) as sender:
            while not self._over.is_set():
                for _ in range(10):
                    trace_id = new_trace_id()
                    sender.send(datagram(segment(trace_id)))
                    self.sent.append(trace_id)
                time.sleep(0.002)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()


def total(log, name):
    """A number from the line of totals that a stopped daemon leaves."""
    for word in log.split():
        if word.startswith(name + "="):
            return int(word.split("=")[1])
    return 0


class Durability(unittest.TestCase):
    def setUp(self):
        self.data_dir = tempfile.mkdtemp(prefix="xrayd-test-")
        self.addCleanup(shutil.rmtree, self.data_dir, ignore_errors=True)

    def stored_after_restart(self, trace_ids):
        with Xrayd(data_dir=self.data_dir) as xrayd:
            found = []
            for begin in range(0, len(trace_ids), 5):
                found += xrayd.call("/Traces", TraceIds=trace_ids[begin:begin + 5])["Traces"]
            self.assertEqual(xrayd.metrics().get("xrayd_store_damaged_files_total", 0), 0)
            fresh = new_trace_id()
            with UdpSender(xrayd.udp_port) as sender:
                sender.send(datagram(segment(fresh)))
            xrayd.traces([fresh])
            return {trace["Id"] for trace in found}

    def test_bursts_of_200_datagrams_lose_nothing(self):
        with Xrayd(data_dir=self.data_dir) as xrayd, UdpSender(xrayd.udp_port) as sender:
            if "may be lost" in xrayd.log:
                self.skipTest("the system grants too little socket buffer for bursts")
            for burst in range(1, 6):
                for raw in [datagram(segment()) for _ in range(200)]:
                    sender.send(raw)
                xrayd.wait_for_metric(STORED, 200 * burst)
            self.assertEqual(xrayd.metrics()[RECEIVED], 1000)
            self.assertEqual(xrayd.metrics()[DROPPED_BY_KERNEL], 0)

    def test_sigterm_under_load_stores_everything_that_was_received(self):
        with Xrayd(data_dir=self.data_dir) as xrayd:
            with Load(xrayd.udp_port) as load:
                xrayd.wait_for_metric(STORED, 500)
                begin = time.monotonic()
                self.assertEqual(xrayd.stop(), 0)
                self.assertLess(time.monotonic() - begin, 8)
            received = total(xrayd.log, RECEIVED)
            self.assertGreater(received, 500)
            self.assertEqual(total(xrayd.log, STORED), received)
        # Loopback keeps the order, so what was received are the first ones that were sent.
        if total(xrayd.log, DROPPED_BY_KERNEL) == 0:
            expected = load.sent[:received]
            self.assertEqual(self.stored_after_restart(expected), set(expected))

    def test_what_waits_in_the_socket_at_sigterm_is_stored(self):
        with Xrayd(data_dir=self.data_dir) as xrayd:
            sent = [new_trace_id() for _ in range(50)]
            with UdpSender(xrayd.udp_port) as sender:
                for trace_id in sent:
                    sender.send(datagram(segment(trace_id)))
                self.assertEqual(xrayd.stop(), 0)
        self.assertEqual(self.stored_after_restart(sent), set(sent))

    def test_sigkill_under_load_leaves_a_store_that_opens_and_has_what_was_stored(self):
        for _ in range(3):
            with Xrayd(data_dir=self.data_dir) as xrayd:
                with Load(xrayd.udp_port) as load:
                    xrayd.wait_for_metric(STORED, 300)
                    xrayd.traces(load.sent[:100])
                    certain = load.sent[:100]
                    xrayd.kill()
            self.assertEqual(self.stored_after_restart(certain), set(certain))


if __name__ == "__main__":
    unittest.main()
