"""OpenTelemetry spans that come where segment documents should stand: by PutTraceSegments, by UDP."""

import json
import os
import unittest

import otlp_bytes as otlp
from segments import UdpSender, datagram, new_trace_id, segment
from xrayd_process import Xrayd

STORED = "xrayd_documents_stored_total"
REJECTED = 'xrayd_documents_rejected_total{reason="otlp_payload"}'


class Otlp(unittest.TestCase):
    def setUp(self):
        self.xrayd = self.enterContext(Xrayd())

    def put(self, *texts):
        return self.xrayd.call("/TraceSegments", TraceSegmentDocuments=texts)[
            "UnprocessedTraceSegments"]

    def send(self, *texts):
        with UdpSender(self.xrayd.udp_port) as sender:
            for text in texts:
                sender.send(datagram(text.encode()))

    def three_spans(self):
        """A service that is called, its own work, and what it calls: (trace, ids, request)."""
        trace = otlp.new_trace()
        ids = [os.urandom(8) for _ in range(3)]
        return trace, ids, otlp.request(*self.spans(trace, ids))

    def spans(self, trace, ids):
        return (
            otlp.span(trace, "GET /orders", ids[0],
                      attributes={"http.method": "GET", "http.status_code": 200}),
            otlp.span(trace, "work", ids[1], ids[0], 1, {"customer": "c-17"}),
            otlp.span(trace, "db", ids[2], ids[1], otlp.CLIENT, {"http.status_code": 503}))

    def assert_is_stored(self, trace, ids):
        trace_id = otlp.xray_id(trace)
        [found] = self.xrayd.traces([trace_id])
        root = next(json.loads(each["Document"]) for each in found["Segments"]
                    if each["Id"] == ids[0].hex())
        self.assertEqual((root["name"], root["trace_id"]), ("otlp-shop", trace_id))
        self.assertEqual(root["http"]["response"]["status"], 200)
        [work] = root["subsegments"]
        self.assertEqual((work["id"], work["name"]), (ids[1].hex(), "work"))
        self.assertIn("c-17", json.dumps(work))
        [call] = work["subsegments"]
        self.assertEqual(call["id"], ids[2].hex())
        self.assertTrue(call["fault"])
        self.assertAlmostEqual(found["Duration"], 0.2, delta=0.1)

    def test_the_spans_of_a_put_payload_are_one_trace(self):
        trace, ids, request = self.three_spans()
        self.assertEqual(self.put(otlp.payload(request)), [])
        self.assert_is_stored(trace, ids)
        self.assertEqual(self.xrayd.metrics()[STORED], 3)

    def test_the_spans_of_a_datagram_are_one_trace(self):
        trace, ids, request = self.three_spans()
        self.send(otlp.payload(request))
        self.xrayd.wait_for_metric(STORED, 3)
        self.assert_is_stored(trace, ids)
        self.assertEqual(self.xrayd.metrics()["xrayd_documents_received_total"], 3)

    def test_a_datagram_for_each_span_comes_to_the_same(self):
        trace, ids, _ = self.three_spans()
        self.send(*(otlp.payload(otlp.request(each))
                    for each in reversed(self.spans(trace, ids))))
        self.xrayd.wait_for_metric(STORED, 3)
        self.assert_is_stored(trace, ids)

    def test_a_broken_payload_is_unprocessed_and_what_stands_beside_it_is_stored(self):
        trace, ids, request = self.three_spans()
        other = new_trace_id()
        broken = {
            "no base64": "T1S????",
            "cut": otlp.payload(request[:-3]),
            "nothing of the kind": "T1S" + "A" * 8,
            "span without an id": otlp.payload(otlp.request(otlp.span(trace, "x", b""))),
        }
        for what, text in broken.items():
            with self.subTest(what):
                [entry] = self.put(text)
                self.assertEqual(entry, {"Id": None, "ErrorCode": "ParseError",
                                         "Message": "Invalid entity. ErrorCode: ParseError"})
        [entry] = self.put(broken["cut"], otlp.payload(request), json.dumps(segment(other)))
        self.assertEqual(entry["ErrorCode"], "ParseError")
        self.assert_is_stored(trace, ids)
        self.xrayd.traces([other])

    def test_a_broken_datagram_is_counted_and_the_next_one_is_taken(self):
        trace, ids, request = self.three_spans()
        self.send("T1S????", otlp.payload(request[:-3]), otlp.payload(request))
        self.assert_is_stored(trace, ids)
        self.assertEqual(self.xrayd.metrics()[REJECTED], 2)

    def test_unsampled_spans_are_taken_and_not_stored(self):
        trace, _, request = self.three_spans()
        self.assertEqual(self.put(otlp.payload(request, sampled=False)), [])
        self.send(otlp.payload(request, sampled=False), json.dumps(segment()))
        self.xrayd.wait_for_metric(STORED, 1)
        self.assertEqual(
            self.xrayd.call("/Traces", TraceIds=[otlp.xray_id(trace)])["Traces"], [])
        self.assertEqual(self.xrayd.metrics()[REJECTED], 0)

    def test_ids_that_tell_no_time_are_listed_by_when_they_began(self):
        trace, ids, request = self.three_spans()
        self.assertEqual(self.put(otlp.payload(request)), [])
        random = os.urandom(16)
        other = otlp.request(otlp.span(random, "GET /", ids[0]))
        self.assertEqual(self.put(otlp.payload(other)), [])
        begin = int(trace[:4].hex(), 16)
        answer = self.xrayd.call("/TraceSummaries", StartTime=begin - 60, EndTime=begin + 60)
        listed = {each["Id"] for each in answer["TraceSummaries"]}
        self.assertEqual(listed, {otlp.xray_id(trace), otlp.xray_id(random)})


if __name__ == "__main__":
    unittest.main()
