"""Debian's boto3 against xrayd: typed answers, exceptions, paginators."""

import datetime
import json
import os
import unittest

import boto3
import botocore
import documents
from botocore.config import Config
from xrayd_process import Xrayd


def client(url, signed):
    session = boto3.session.Session(aws_access_key_id="local", aws_secret_access_key="local")
    config = Config(
        region_name="us-east-1", retries={"max_attempts": 0}, read_timeout=30, connect_timeout=10,
        signature_version=None if signed else botocore.UNSIGNED,
    )
    return session.client("xray", endpoint_url=url, config=config)


class Boto3Test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        cls.xrayd = cls.enterClassContext(Xrayd())
        cls.signed = client(cls.xrayd.url, signed=True)
        cls.unsigned = client(cls.xrayd.url, signed=False)
        for each in (cls.signed, cls.unsigned):
            cls.addClassCleanup(each.close)

    def put(self, *those):
        texts = [json.dumps(document) for document in those]
        answer = self.signed.put_trace_segments(TraceSegmentDocuments=texts)
        self.assertEqual(answer["UnprocessedTraceSegments"], [])

    def recent(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        return {
            "StartTime": now - datetime.timedelta(minutes=5),
            "EndTime": now + datetime.timedelta(seconds=2),
        }

    def test_a_trace_is_read_back_signed_and_unsigned(self):
        segment = documents.segment("boto-service")
        self.put(segment)
        for each in (self.signed, self.unsigned):
            [trace] = each.batch_get_traces(TraceIds=[segment["trace_id"]])["Traces"]
            self.assertEqual(json.loads(trace["Segments"][0]["Document"])["name"], "boto-service")
            self.assertFalse(trace["LimitExceeded"])

    def test_parts_that_arrive_in_any_order_make_one_trace(self):
        root = documents.segment("front")
        early = {
            **documents.subsegment(root, "late-parent"),
            "type": "subsegment", "trace_id": root["trace_id"], "parent_id": root["id"],
        }
        called = documents.segment("back", trace_id=root["trace_id"], parent_id=early["id"])
        for part in (called, early, root):
            self.put(part)
        [trace] = self.signed.batch_get_traces(TraceIds=[root["trace_id"]])["Traces"]
        found = {s["Id"]: json.loads(s["Document"]) for s in trace["Segments"]}
        self.assertEqual(set(found), {root["id"], called["id"]})
        self.assertEqual([s["id"] for s in found[root["id"]]["subsegments"]], [early["id"]])

    def test_a_finished_segment_replaces_itself_in_progress(self):
        done = documents.segment("long-running")
        begun = {k: v for k, v in done.items() if k != "end_time"} | {"in_progress": True}
        self.put(begun)
        [summary] = self.summaries(done["trace_id"])
        self.assertTrue(summary["IsPartial"])
        self.put(done)
        [summary] = self.summaries(done["trace_id"])
        self.assertFalse(summary["IsPartial"])
        self.assertAlmostEqual(summary["Duration"], 0.5, places=3)

    def summaries(self, trace_id):
        pages = self.signed.get_paginator("get_trace_summaries").paginate(**self.recent())
        return [s for page in pages for s in page["TraceSummaries"] if s["Id"] == trace_id]

    def test_a_summary_has_the_members_and_types_of_the_model(self):
        segment = documents.segment(
            "typed", user="c-17", origin="AWS::ECS::Container",
            error=True, throttle=True,
            http={
                "request": {"method": "POST", "url": "http://shop/orders", "client_ip": "10.0.0.1",
                            "user_agent": "boto"},
                "response": {"status": 429},
            },
            annotations={"customer": "c-17", "items": 3, "gift": True},
        )
        self.put(segment)
        [summary] = self.summaries(segment["trace_id"])
        self.assertEqual(
            summary["Http"],
            {"HttpURL": "http://shop/orders", "HttpStatus": 429, "HttpMethod": "POST",
             "UserAgent": "boto", "ClientIp": "10.0.0.1"},
        )
        flags = [summary[flag] for flag in ("HasFault", "HasError", "HasThrottle")]
        self.assertEqual(flags, [False, False, True])
        values = {key: rows[0]["AnnotationValue"] for key, rows in summary["Annotations"].items()}
        self.assertEqual(
            values,
            {"customer": {"StringValue": "c-17"}, "items": {"NumberValue": 3.0},
             "gift": {"BooleanValue": True}},
        )
        self.assertEqual(summary["Users"][0]["UserName"], "c-17")
        services = [(s["Name"], s.get("Type")) for s in summary["ServiceIds"]]
        self.assertIn(("typed", "AWS::ECS::Container"), services)
        self.assertEqual(summary["EntryPoint"]["Name"], "typed")
        self.assertAlmostEqual(summary["ResponseTime"], 0.5, places=3)

    def test_every_event_time_range_finds_the_trace(self):
        segment = documents.segment("ranges")
        self.put(segment)
        for kind in ("TraceId", "Event", "Service"):
            with self.subTest(kind=kind):
                pages = self.signed.get_paginator("get_trace_summaries").paginate(
                    TimeRangeType=kind, **self.recent())
                ids = [s["Id"] for page in pages for s in page["TraceSummaries"]]
                self.assertEqual(ids.count(segment["trace_id"]), 1)

    def test_each_broken_rule_has_its_error_code(self):
        segment = documents.segment()
        broken = {
            "MissingId": {**segment, "id": None},
            "InvalidId": {**segment, "id": "short"},
            "MissingName": {**segment, "name": None},
            "MissingTraceId": {**segment, "trace_id": None},
            "InvalidTraceId": {**segment, "trace_id": "1-2-3"},
            "MissingStartTime": {**segment, "start_time": None},
            "MissingEndTime": {**segment, "end_time": None},
            "InProgressSegmentHasEndTime": {**segment, "in_progress": True},
            "MissingParentId": {**segment, "type": "subsegment"},
            "UnknownType": {**segment, "type": "supersegment"},
        }
        for code, document in broken.items():
            with self.subTest(code=code):
                text = json.dumps({k: v for k, v in document.items() if v is not None})
                answer = self.signed.put_trace_segments(TraceSegmentDocuments=[text])
                [unprocessed] = answer["UnprocessedTraceSegments"]
                self.assertEqual(unprocessed["ErrorCode"], code)
                self.assertIn(code, unprocessed["Message"])

    def test_invalid_requests_raise_the_modelled_exception(self):
        range_of_time = self.recent()
        backwards = {"StartTime": range_of_time["EndTime"], "EndTime": range_of_time["StartTime"]}
        for call in (
            lambda: self.signed.batch_get_traces(TraceIds=["nonsense"]),
            lambda: self.signed.get_trace_summaries(**backwards),
            lambda: self.signed.get_trace_summaries(NextToken="nonsense", **range_of_time),
        ):
            with self.assertRaises(self.signed.exceptions.InvalidRequestException) as raised:
                call()
            response = raised.exception.response
            self.assertEqual(response["ResponseMetadata"]["HTTPStatusCode"], 400)
            self.assertTrue(response["Error"]["Message"])
            self.assertTrue(response["ResponseMetadata"]["RequestId"])


if __name__ == "__main__":
    unittest.main()
