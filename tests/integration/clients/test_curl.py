"""libcurl, traced by patch_all() in a program without tracing code, against nginx and against a
stand-in of AWS's services."""

import json
import os
import subprocess
import unittest

from aws_stand_in import AwsStandIn
from nginx import Nginx
from recorder import Recorder, subsegments
from service_process import free_port

JSON = {"Content-Type": "application/x-amz-json-1.0", "x-amzn-RequestId": "REQUEST1"}
TARGET = ("--header", "X-Amz-Target: DynamoDB_20120810.GetItem",
          "--header", "Content-Type: application/x-amz-json-1.0")


class CurlTest(unittest.TestCase):
    def setUp(self):
        self.recorder = self.enterContext(Recorder())

    def run_program(self, *arguments, **environment):
        """What it said, a line a request, as (code, body)."""
        done = subprocess.run(
            [os.environ["PROGRAM"], *arguments], capture_output=True, text=True, timeout=60,
            env={**os.environ, **self.recorder.environment(**environment)}, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [(int(code), body) for code, _, body in
                (line.partition(" ") for line in done.stdout.splitlines())]

    def segment(self):
        segment, = self.recorder.segments(1)
        self.assertNotIn("secret", json.dumps(segment))
        return segment

    def calls(self, count):
        calls = subsegments(self.segment())
        self.assertEqual(len(calls), count, calls)
        return calls

    def assert_arrived(self, call, request, segment=None):
        """The request carried this call's id, as the trace's next."""
        parts = dict(part.split("=") for part in request["trace"].split(";"))
        self.assertEqual(parts["Parent"], call["id"])
        self.assertEqual(parts["Sampled"], "1")
        if segment:
            self.assertEqual(parts["Root"], segment["trace_id"])


class NginxTest(CurlTest):
    @classmethod
    def setUpClass(cls):
        cls.nginx = cls.enterClassContext(Nginx())

    def setUp(self):
        super().setUp()
        self.addCleanup(self.nginx.forget)

    def test_a_call_is_recorded_and_carries_the_trace(self):
        url = self.nginx.url("/plain/x?token=secret").replace("//", "//ann:secret@")
        self.assertEqual(self.run_program(url), [(0, "hello")])
        segment = self.segment()
        call, = subsegments(segment)
        self.assertEqual(call["name"], "127.0.0.1")
        self.assertEqual(call["namespace"], "remote")
        self.assertEqual(call["http"]["request"],
                         {"method": "GET", "url": self.nginx.url("/plain/x")})
        self.assertEqual(call["http"]["response"], {"status": 200, "content_length": 5})
        timings = call["metadata"]["http"]
        self.assertEqual(timings["remote_ip"], "127.0.0.1")
        self.assertLessEqual(timings["first_byte_ms"], timings["total_ms"])
        request, = self.nginx.seen(1)
        self.assert_arrived(call, request, segment)

    def test_tls_has_its_own_time(self):
        self.assertEqual(self.run_program("--ca", str(self.nginx.certificate),
                                          self.nginx.url(scheme="https")), [(0, "hello")])
        call, = self.calls(1)
        self.assertEqual(call["http"]["request"]["url"], self.nginx.url(scheme="https"))
        self.assertGreater(call["metadata"]["http"]["tls_ms"], 0)
        self.assert_arrived(call, *self.nginx.seen(1))

    def test_a_certificate_that_is_not_trusted_is_a_fault(self):
        (code, _), = self.run_program(self.nginx.url(scheme="https"))
        self.assertEqual(code, 60)
        call, = self.calls(1)
        self.assertTrue(call["fault"])
        exception, = call["cause"]["exceptions"]
        self.assertEqual(exception["type"], "CURLE_PEER_FAILED_VERIFICATION")
        self.assertEqual(self.nginx.seen(0), [])

    def test_a_handle_used_again_reuses_its_connection(self):
        self.run_program(self.nginx.url("/plain/1"), self.nginx.url("/plain/2"),
                         "--header", "X-Own: 7")
        first, second = self.calls(2)
        self.assertNotIn("reused_connection", first["metadata"]["http"])
        self.assertTrue(second["metadata"]["http"]["reused_connection"])
        self.assertNotIn("connect_ms", second["metadata"]["http"])
        requests = self.nginx.seen(2)
        for call, request in zip((first, second), requests):
            self.assert_arrived(call, request)
            self.assertEqual(request["own"], "7")

    def test_three_at_once_are_three_calls(self):
        urls = [self.nginx.url(f"/plain/{n}") for n in range(3)]
        self.assertEqual(self.run_program("--multi", *urls), [(0, "hello")] * 3)
        calls = {call["http"]["request"]["url"]: call for call in self.calls(3)}
        requests = self.nginx.seen(3)
        self.assertEqual(len({request["trace"] for request in requests}), 3)
        for request in requests:
            path = request["request"].split()[1]
            self.assert_arrived(calls[self.nginx.url(path)], request)

    def test_methods(self):
        self.run_program("--head", self.nginx.url())
        self.run_program("--post", "field=secret", self.nginx.url())
        head, post = (subsegments(s)[0] for s in self.recorder.segments(2))
        self.assertEqual(head["http"]["request"]["method"], "HEAD")
        self.assertEqual(head["http"]["response"], {"status": 200, "content_length": 5})
        self.assertEqual(post["http"]["request"]["method"], "POST")
        self.assertEqual([r["request"].split()[0] for r in self.nginx.seen(2)], ["HEAD", "POST"])

    def test_statuses(self):
        self.run_program(*(self.nginx.url(p) for p in ("/missing", "/throttled", "/broken")))
        missing, throttled, broken = self.calls(3)
        flags = ("error", "throttle", "fault")
        self.assertEqual([f for f in flags if missing.get(f)], ["error"])
        self.assertEqual([f for f in flags if throttled.get(f)], ["error", "throttle"])
        self.assertEqual([f for f in flags if broken.get(f)], ["fault"])
        self.assertEqual(len(self.nginx.seen(3)), 3)

    def test_redirects_are_one_call(self):
        for path, answer, end in (
                ("/here", "hello", self.nginx.url("/plain/there")),
                ("/elsewhere", "there", f"http://127.0.0.2:{self.nginx.other_port}/there")):
            with self.subTest(path):
                self.recorder.forget()
                self.assertEqual(self.run_program("--follow", self.nginx.url(path)),
                                 [(0, answer)])
                call, = self.calls(1)
                self.assertEqual(call["http"]["request"]["url"], self.nginx.url(path))
                self.assertEqual(call["http"]["response"]["status"], 200)
                self.assertEqual(call["metadata"]["http"]["redirects"], 1)
                self.assertEqual(call["metadata"]["http"]["effective_url"], end)
                for request in self.nginx.seen(2):
                    self.assert_arrived(call, request)

    def test_a_slow_answer_that_is_given_up_is_a_fault(self):
        (code, _), = self.run_program("--timeout", "300", self.nginx.url("/slow"))
        self.assertEqual(code, 28)
        call, = self.calls(1)
        self.assertTrue(call["fault"])
        exception, = call["cause"]["exceptions"]
        self.assertEqual(exception["type"], "CURLE_OPERATION_TIMEDOUT")
        self.assertEqual(call["http"]["response"]["status"], 200)
        self.assert_arrived(call, *self.nginx.seen(1))

    def test_a_port_where_nobody_listens_is_a_fault(self):
        url = f"http://127.0.0.1:{free_port()}/x"
        (code, _), = self.run_program(url)
        self.assertEqual(code, 7)
        call, = self.calls(1)
        self.assertTrue(call["fault"])
        self.assertEqual(call["http"], {"request": {"method": "GET", "url": url}})
        exception, = call["cause"]["exceptions"]
        self.assertEqual(exception["type"], "CURLE_COULDNT_CONNECT")
        self.assertTrue(exception["remote"])

    def test_unsampled_the_trace_goes_on_all_the_same(self):
        self.run_program("--unsampled", self.nginx.url())
        request, = self.nginx.seen(1)
        self.assertTrue(request["trace"].startswith("Root=1-"))
        self.assertTrue(request["trace"].endswith("Sampled=0"), request["trace"])

    def test_excluded_hosts_get_no_header_and_are_not_recorded(self):
        self.run_program(self.nginx.url(), AWS_XRAY_EXCLUDED_HOSTS="10.*,127.0.0.1")
        self.calls(0)
        request, = self.nginx.seen(1)
        self.assertEqual(request["trace"], "")

    def test_without_the_client_nothing_happens(self):
        self.run_program(self.nginx.url(), AWS_XRAY_PATCH="sqlite3")
        self.calls(0)
        request, = self.nginx.seen(1)
        self.assertEqual(request["trace"], "")


class AwsTest(CurlTest):
    def test_dynamodb_throttled_then_answered_is_one_call_with_a_retry(self):
        throttled = json.dumps({"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException",
                                "message": "secret"})
        with AwsStandIn((400, JSON, throttled), (200, JSON, "{}")) as aws:
            said = self.run_program(
                "--sigv4", "aws:amz:eu-west-1:dynamodb", "--attempts", "3", *TARGET,
                "--post", '{"TableName":"orders","Key":{"id":{"S":"secret"}}}', aws.url)
        self.assertEqual(said, [(0, throttled), (0, "{}")])
        call, = self.calls(1)
        self.assertEqual(call["name"], "DynamoDB")
        self.assertEqual(call["namespace"], "aws")
        self.assertEqual(call["aws"], {
            "operation": "GetItem", "region": "eu-west-1", "request_id": "REQUEST1",
            "table_name": "orders", "retries": 1})
        self.assertEqual(call["http"]["response"]["status"], 200)
        self.assertNotIn("throttle", call)
        self.assertEqual(len(aws.requests), 2)
        for _, _, headers, _ in aws.requests:
            self.assertIn("Credential=AKIDEXAMPLE/", headers["Authorization"])
            self.assertNotIn("X-Amzn-Trace-Id", headers)  # libcurl would have signed it

    def test_dynamodb_throttled_to_the_end_says_so(self):
        throttled = json.dumps({"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException"})
        with AwsStandIn((400, JSON, throttled)) as aws:
            self.run_program("--sigv4", "aws:amz:eu-west-1:dynamodb", "--attempts", "2", *TARGET,
                             "--post", '{"TableName":"orders"}', aws.url)
        call, = self.calls(1)
        self.assertEqual(call["aws"]["retries"], 1)
        self.assertTrue(call["throttle"])
        self.assertTrue(call["error"])
        self.assertEqual(call["cause"]["exceptions"][0]["type"], "ThrottlingException")

    def test_s3_has_its_two_ids_and_its_errors_name(self):
        answer = "<Error><Code>NoSuchKey</Code><Message>secret</Message></Error>"
        with AwsStandIn((404, {"Content-Type": "application/xml", "x-amz-request-id": "S3-1",
                               "x-amz-id-2": "S3-2"}, answer)) as aws:
            self.run_program("--sigv4", "aws:amz:eu-west-1:s3", f"{aws.url}/bucket/key")
        call, = self.calls(1)
        self.assertEqual(call["name"], "S3")
        self.assertEqual(call["aws"]["operation"], "GetObject")
        self.assertEqual(call["aws"]["bucket_name"], "bucket")
        self.assertEqual(call["aws"]["key"], "key")
        self.assertEqual((call["aws"]["request_id"], call["aws"]["id_2"]), ("S3-1", "S3-2"))
        self.assertTrue(call["error"])
        self.assertEqual(call["cause"]["exceptions"][0]["type"], "NoSuchKey")

    def test_sts_is_told_by_its_form(self):
        answer = "<R><RequestId>STS-1</RequestId></R>"
        with AwsStandIn((200, {"Content-Type": "text/xml"}, answer)) as aws:
            self.run_program("--sigv4", "aws:amz:eu-west-1:sts", "--post",
                             "Action=GetCallerIdentity&Version=2011-06-15", aws.url)
        call, = self.calls(1)
        self.assertEqual(call["name"], "STS")
        self.assertEqual(call["aws"]["operation"], "GetCallerIdentity")
        self.assertEqual(call["aws"]["request_id"], "STS-1")

    def test_xrays_own_calls_are_not_traced(self):
        with AwsStandIn((200, JSON, "{}")) as aws:
            self.run_program("--sigv4", "aws:amz:eu-west-1:xray", "--post", "{}",
                             f"{aws.url}/TraceSegments")
        self.calls(0)
        self.assertNotIn("X-Amzn-Trace-Id", aws.requests[0][2])


if __name__ == "__main__":
    unittest.main()
