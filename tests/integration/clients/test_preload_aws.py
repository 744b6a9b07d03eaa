"""Programs that sign their requests to AWS themselves: what is added on the way harms no signature."""

import json
import pathlib
import sys
import types
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from aws_stand_in import AwsStandIn  # noqa: E402
from preloaded import Preloaded  # noqa: E402
from stand_ins.signatures import fault_of_signature  # noqa: E402

KEY, SECRET, TOKEN = "AKIDEXAMPLE", "hidden-secret-key", "hidden-session-token"
JSON = {"Content-Type": "application/x-amz-json-1.0", "x-amzn-RequestId": "REQUEST-1"}

# As boto3 does: botocore signs all headers that there are, another library sends them.
PROGRAM = """
import sys, pycurl
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
service, method, url, body, *headers = sys.argv[1:]
request = AWSRequest(method, url, data=body.encode(),
                     headers=dict(h.split(": ", 1) for h in headers))
signer = S3SigV4Auth if service == "s3" else SigV4Auth
signer(Credentials(KEY, SECRET, TOKEN), service, "eu-west-1").add_auth(request)
curl = pycurl.Curl()
curl.setopt(pycurl.URL, url)
curl.setopt(pycurl.CUSTOMREQUEST, method)
if body:
    curl.setopt(pycurl.POSTFIELDS, body)
curl.setopt(pycurl.HTTPHEADER, [f"{n}: {v}" for n, v in request.prepare().headers.items()])
curl.setopt(pycurl.WRITEFUNCTION, lambda data: sys.stdout.write(data.decode()) and None)
curl.perform()
print(curl.getinfo(pycurl.RESPONSE_CODE))
""".replace("KEY", repr(KEY)).replace("SECRET", repr(SECRET)).replace("TOKEN", repr(TOKEN))


class SignedRequests(unittest.TestCase):
    def call_of(self, service, answer, *command):
        """The only subsegment of a program, whose signature must be right. The stand-in's address
        takes the place of ENDPOINT in arguments."""
        with AwsStandIn(answer) as aws, Preloaded() as preloaded:
            self.output = preloaded.run(*(a.replace("ENDPOINT", aws.url) for a in command))
            segment, = preloaded.recorder.segments(1)
        (method, path, headers, body), = aws.requests
        request = types.SimpleNamespace(method=method, target=path, headers=headers, body=body)
        self.assertIsNone(fault_of_signature(request, "http", {KEY: SECRET}, "eu-west-1", service))
        # It may be written into on its way.
        signed = headers["Authorization"].partition("SignedHeaders=")[2].partition(",")[0]
        self.assertNotIn("x-amzn-trace-id", signed.split(";"))
        call, = segment["subsegments"]
        self.traces = headers.get_all("X-Amzn-Trace-Id")
        self.trace = f"Root={segment['trace_id']};Parent={call['id']};Sampled=1"
        self.assertNotIn("hidden", json.dumps(segment))
        self.assertEqual(call["namespace"], "aws")
        self.assertEqual(call["aws"]["region"], "eu-west-1")
        return call

    def test_signed_by_botocore_and_sent_by_pycurl(self):
        call = self.call_of(
            "dynamodb", (200, JSON, '{"Item":{"id":{"S":"hidden"}}}'),
            "/usr/bin/python3", "-c", PROGRAM, "dynamodb", "POST", "ENDPOINT/",
            '{"TableName":"orders","Key":{"id":{"S":"hidden"}}}',
            "X-Amz-Target: DynamoDB_20120810.GetItem", "Content-Type: application/x-amz-json-1.0")
        self.assertEqual(self.output, '{"Item":{"id":{"S":"hidden"}}}200\n')
        self.assertEqual(self.traces, [self.trace])
        self.assertEqual(call["name"], "DynamoDB")
        self.assertEqual(call["aws"]["operation"], "GetItem")
        self.assertEqual(call["aws"]["table_name"], "orders")
        self.assertEqual(call["aws"]["request_id"], "REQUEST-1")
        self.assertEqual(call["http"]["response"]["status"], 200)

    def test_a_refusal_reaches_program_and_record(self):
        refusal = '{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"}'
        call = self.call_of(
            "dynamodb", (400, JSON, refusal),
            "/usr/bin/python3", "-c", PROGRAM, "dynamodb", "POST", "ENDPOINT/",
            '{"TableName":"orders"}', "X-Amz-Target: DynamoDB_20120810.DescribeTable")
        self.assertEqual(self.output, refusal + "400\n")
        self.assertEqual(self.traces, [self.trace])
        self.assertTrue(call["error"])
        self.assertEqual(call["cause"]["exceptions"][0]["type"], "ResourceNotFoundException")

    def test_a_call_of_s3(self):
        call = self.call_of(
            "s3", (200, {"x-amz-request-id": "S3-1"}, "content"),
            "/usr/bin/python3", "-c", PROGRAM, "s3", "GET", "ENDPOINT/bucket/key", "")
        self.assertEqual(self.output, "content200\n")
        self.assertEqual(self.traces, [self.trace])
        self.assertEqual(call["name"], "S3")
        self.assertEqual(call["aws"]["operation"], "GetObject")
        self.assertEqual(call["aws"]["bucket_name"], "bucket")

    def test_signed_by_curl_which_would_sign_the_trace_too(self):
        call = self.call_of(
            "dynamodb", (200, JSON, "{}"),
            "/usr/bin/curl", "--silent", "--aws-sigv4", "aws:amz:eu-west-1:dynamodb",
            "--user", f"{KEY}:{SECRET}", "--header", "X-Amz-Target: DynamoDB_20120810.PutItem",
            "--data", '{"TableName":"orders"}', "ENDPOINT/")
        self.assertEqual(self.output, "{}")
        self.assertIsNone(self.traces)
        self.assertEqual((call["name"], call["aws"]["operation"]), ("DynamoDB", "PutItem"))
        self.assertEqual(call["aws"]["table_name"], "orders")


if __name__ == "__main__":
    unittest.main()
