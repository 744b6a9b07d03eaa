"""Documents whose clocks are wrong, by years or beyond all reason: kept, listed once, never a harm."""

import json
import os
import shutil
import tempfile
import time
import unittest

from segments import UdpSender, datagram, new_trace_id, segment
from xrayd_process import Xrayd

YEAR = 365 * 86_400
LAST_SECOND = 253_402_300_799  # of the year 9999


def trace_id_of(seconds):
    return f"1-{seconds:08x}-{os.urandom(12).hex()}"


def strange_times():
    """What is strange, and what a segment has of it: id, start and length."""
    now = time.time()
    return {
        "a year ago": (trace_id_of(int(now - YEAR)), now - YEAR, 1),
        "in a year": (trace_id_of(int(now + YEAR)), now + YEAR, 1),
        "an id of 1970": (trace_id_of(0), now, 1),
        "an id of 2106": (trace_id_of(2**32 - 1), now, 1),
        "a start in 1970": (new_trace_id(), 0, 1),
        "a start before 1970": (new_trace_id(), -1000, 1),
        "the year 9999": (new_trace_id(), LAST_SECOND - 2, 1),
        "the year 10000": (new_trace_id(), LAST_SECOND + 100, 1),
        "milliseconds for seconds": (new_trace_id(), now * 1000, 1000),
        "nanoseconds for seconds": (new_trace_id(), now * 1e9, 1e9),
        "beyond all integers": (new_trace_id(), 1e300, 1e290),
        "below all integers": (new_trace_id(), -1e300, 1),
        "an end before the start": (new_trace_id(), now, -100),
        "no length": (new_trace_id(), now, 0),
        "a length of years": (new_trace_id(), now - 5 * YEAR, 5 * YEAR),
        "a length beyond all integers": (new_trace_id(), now, 1e300),
    }


def strange_segments():
    for what, (trace_id, start, length) in strange_times().items():
        document = segment(trace_id, "strange", start_time=start, end_time=start + length)
        call = {"id": os.urandom(8).hex(), "name": "callee", "namespace": "remote",
                "start_time": start, "end_time": start + length}
        yield what, {**document, "subsegments": [call]}


class StrangeTimes(unittest.TestCase):
    def setUp(self):
        self.data_dir = tempfile.mkdtemp(prefix="xrayd-test-")
        self.addCleanup(shutil.rmtree, self.data_dir, ignore_errors=True)

    def put(self, xrayd, document):
        answer = xrayd.call("/TraceSegments", TraceSegmentDocuments=[json.dumps(document)])
        return answer["UnprocessedTraceSegments"]

    def listed(self, xrayd, **span):
        found, token = [], None
        while True:
            page = xrayd.call("/TraceSummaries", **span, **({"NextToken": token} if token else {}))
            found += [summary["Id"] for summary in page["TraceSummaries"]]
            token = page.get("NextToken")
            if not token:
                return found

    def assert_answers(self, xrayd, kept):
        for what, trace_id in kept.items():
            with self.subTest(what):
                xrayd.traces([trace_id])
                self.assertTrue(xrayd.call("/TraceGraph", TraceIds=[trace_id])["Services"])
        everything = {"StartTime": 0, "EndTime": LAST_SECOND + 1}
        found = self.listed(xrayd, **everything)
        self.assertEqual(len(found), len(set(found)))
        self.assertLessEqual(set(found), set(kept.values()))
        for what in ("a year ago", "in a year", "no length", "an end before the start"):
            self.assertIn(kept[what], found, what)
        for kind in ("Event", "Service"):
            self.listed(xrayd, **everything, TimeRangeType=kind)
        self.assertTrue(xrayd.call("/ServiceGraph", **everything)["Services"])
        series = xrayd.call("/TimeSeriesServiceStatistics", **everything, Period=60)
        self.assertIsInstance(series["TimeSeriesServiceStatistics"], list)
        for path in ("/console/api/v1/traces", "/console/api/v1/facets", "/console/api/v1/tail", "/metrics"):
            status, _, body = xrayd.request("GET", path)
            self.assertEqual(status, 200, (path, body[:300]))

    def test_they_are_kept_or_refused_and_everything_is_answered(self):
        with Xrayd(data_dir=self.data_dir) as xrayd:
            kept = {}
            for what, document in strange_segments():
                with self.subTest(what):
                    unprocessed = self.put(xrayd, document)
                    if not unprocessed:
                        kept[what] = document["trace_id"]
            self.assertGreaterEqual(len(kept), 8)
            self.assert_answers(xrayd, kept)
            xrayd.call("/TraceSegments", TraceSegmentDocuments=[json.dumps(segment())])
            self.assertEqual(xrayd.stop(), 0)
            self.assertNotIn("[Error]", xrayd.log)
        with Xrayd(data_dir=self.data_dir) as xrayd:
            self.assertEqual(xrayd.metrics()["xrayd_store_damaged_files_total"], 0)
            present = self.listed(xrayd, StartTime=0, EndTime=LAST_SECOND + 1)
            self.assertTrue(present)
            self.assertEqual(len(present), len(set(present)))
            self.assertEqual(xrayd.stop(), 0)
            self.assertNotIn("[Error]", xrayd.log)

    def test_by_udp_they_do_no_harm_to_what_comes_with_them(self):
        with Xrayd(data_dir=self.data_dir) as xrayd:
            good = new_trace_id()
            with UdpSender(xrayd.udp_port) as sender:
                for _, document in strange_segments():
                    sender.send(datagram(document))
                sender.send(datagram(segment(good)))
            xrayd.traces([good])
            self.assertEqual(xrayd.stop(), 0)


if __name__ == "__main__":
    unittest.main()
