"""Debian's AWS CLI against xrayd: puts segments, reads them back, gets errors it understands."""

import json
import os
import subprocess
import tempfile
import time
import unittest

import documents
from xrayd_process import Xrayd

AWS = "/usr/bin/aws"


class AwsCliTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.xrayd = cls.enterClassContext(Xrayd())

    def run_cli(self, *arguments, credentials=False):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        environment |= {"HOME": self.home, "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": ""}
        signing = ["--no-sign-request"]
        if credentials:
            environment |= {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
            signing = []
        return subprocess.run(
            [AWS, "xray", *arguments, "--endpoint-url", self.xrayd.url,
             "--region", "us-east-1", "--output", "json", *signing],
            env=environment, capture_output=True, text=True, timeout=120, check=False,
        )

    def cli(self, *arguments, **options):
        done = self.run_cli(*arguments, **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def put(self, *those, **options):
        texts = [d if isinstance(d, str) else json.dumps(d) for d in those]
        return self.cli("put-trace-segments", "--trace-segment-documents", *texts, **options)

    def summaries(self, start, end):
        answer = self.cli(
            "get-trace-summaries", "--start-time", str(start), "--end-time", str(end))
        return answer["TraceSummaries"]

    def stored(self, trace_id, **options):
        return self.cli("batch-get-traces", "--trace-ids", trace_id, **options)["Traces"]

    def test_a_segment_that_was_put_is_read_back(self):
        segment = documents.segment("cli-service", annotations={"customer": "c-17"})
        segment["subsegments"] = [documents.subsegment(segment)]
        self.assertEqual(self.put(segment), {"UnprocessedTraceSegments": []})

        [trace] = self.stored(segment["trace_id"])
        self.assertEqual(trace["Id"], segment["trace_id"])
        self.assertAlmostEqual(trace["Duration"], 0.5, places=3)
        [returned] = trace["Segments"]
        self.assertEqual(returned["Id"], segment["id"])
        document = json.loads(returned["Document"])
        self.assertEqual(document["annotations"], {"customer": "c-17"})
        self.assertEqual(document["subsegments"][0]["id"], segment["subsegments"][0]["id"])

    def test_a_signed_call_is_answered_as_an_unsigned_one(self):
        segment = documents.segment()
        self.assertEqual(self.put(segment, credentials=True), {"UnprocessedTraceSegments": []})
        self.assertEqual(len(self.stored(segment["trace_id"], credentials=True)), 1)

    def test_summaries_list_the_traces_of_a_time_range(self):
        failed = documents.segment(
            "cli-summary", fault=True,
            http={"request": {"method": "GET", "url": "http://shop/x"},
                  "response": {"status": 500}},
        )
        self.put(failed)
        now = int(time.time())
        summary = {s["Id"]: s for s in self.summaries(now - 300, now + 2)}[failed["trace_id"]]
        self.assertTrue(summary["HasFault"])
        self.assertFalse(summary["HasError"])
        self.assertEqual(summary["Http"]["HttpStatus"], 500)
        self.assertEqual(summary["EntryPoint"]["Name"], "cli-summary")

        self.assertEqual(self.summaries(now - 90_000, now - 86_400), [])

    def test_summaries_of_many_traces_are_paged_through_without_a_loss(self):
        put = [documents.segment("cli-page") for _ in range(120)]
        for first in range(0, len(put), 40):
            self.put(*put[first : first + 40])
        now = int(time.time())
        ids = [s["Id"] for s in self.summaries(now - 300, now + 2)]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertLessEqual({d["trace_id"] for d in put}, set(ids))

    def test_a_bad_document_has_its_code_and_the_good_one_beside_it_is_stored(self):
        good = documents.segment()
        without_end = documents.segment(end_time=None)
        answer = self.put(good, without_end, "not json")
        codes = {u.get("Id"): u["ErrorCode"] for u in answer["UnprocessedTraceSegments"]}
        self.assertEqual(codes, {without_end["id"]: "MissingEndTime", None: "ParseError"})
        self.assertEqual(len(self.stored(good["trace_id"])), 1)

    def test_an_unknown_trace_is_absent(self):
        answer = self.cli("batch-get-traces", "--trace-ids", documents.new_trace_id())
        self.assertEqual(answer["Traces"], [])
        self.assertEqual(answer["UnprocessedTraceIds"], [])

    def test_a_malformed_trace_id_is_an_invalid_request(self):
        done = self.run_cli("batch-get-traces", "--trace-ids", "nonsense")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("(InvalidRequestException) when calling the BatchGetTraces", done.stderr)

    def test_a_group_is_made_and_listed_behind_the_one_that_is_always_there(self):
        self.run_cli("create-group", "--group-name", "slow", "--filter-expression", "duration > 5")
        groups = json.loads(self.run_cli("get-groups").stdout)["Groups"]
        self.assertEqual([group["GroupName"] for group in groups], ["Default", "slow"])

    def test_a_wrong_filter_is_refused_with_its_place(self):
        done = self.run_cli("create-group", "--group-name", "odd", "--filter-expression", "duration >")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("InvalidRequestException", done.stderr)
        self.assertIn("Error Location: line 1, position ", done.stderr)


if __name__ == "__main__":
    unittest.main()
