"""Debian's AWS CLI and boto3 where a token is asked for; and what the CLI prints, imported."""

import json
import os
import subprocess
import tempfile
import unittest

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from segments import new_trace_id, segment
from xrayd_process import Xrayd, binary, environment

TOKEN = "correct-horse-battery"


def run_cli(url, access_key_id, *arguments):
    variables = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    variables |= {"AWS_ACCESS_KEY_ID": access_key_id, "AWS_SECRET_ACCESS_KEY": "any", "AWS_PAGER": "",
                  "AWS_EC2_METADATA_DISABLED": "true", "HOME": "/nonexistent"}
    return subprocess.run(
        ["/usr/bin/aws", "xray", *arguments, "--endpoint-url", url, "--region", "us-east-1",
         "--output", "json"],
        env=variables, capture_output=True, text=True, timeout=120, check=False)


class ConsoleToken(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.xrayd = cls.enterClassContext(
            Xrayd(None, "--bind-tcp", "0.0.0.0:0", "--console-token", TOKEN))

    def test_the_cli_shows_it_as_its_access_key_id(self):
        done = run_cli(self.xrayd.url, TOKEN, "get-groups")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["Groups"][0]["GroupName"], "Default")

    def test_the_cli_is_told_that_another_one_is_not_known(self):
        done = run_cli(self.xrayd.url, "AKIDEXAMPLE", "get-groups")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("UnrecognizedClientException", done.stderr)

    def test_boto3_shows_it_as_its_access_key_id(self):
        def client(access_key_id):
            session = boto3.session.Session(access_key_id, "any")
            config = Config(region_name="us-east-1", retries={"max_attempts": 0})
            made = session.client("xray", endpoint_url=self.xrayd.url, config=config)
            self.addCleanup(made.close)
            return made
        self.assertEqual(client(TOKEN).batch_get_traces(TraceIds=[new_trace_id()])["Traces"], [])
        with self.assertRaises(ClientError) as caught:
            client("AKIDEXAMPLE").batch_get_traces(TraceIds=[new_trace_id()])
        self.assertEqual(caught.exception.response["Error"]["Code"], "UnrecognizedClientException")


class ImportOfAnswers(unittest.TestCase):
    def test_what_the_cli_prints_of_traces_is_imported(self):
        trace_id = new_trace_id()
        with Xrayd() as xrayd:
            xrayd.call("/TraceSegments", TraceSegmentDocuments=[json.dumps(segment(trace_id))])
            done = run_cli(xrayd.url, "any", "batch-get-traces", "--trace-ids", trace_id)
            before = xrayd.traces([trace_id])
        self.assertEqual(done.returncode, 0, done.stderr)
        with tempfile.TemporaryDirectory() as data_dir:
            taken = subprocess.run([binary(), "import", "--data-dir", data_dir],
                                   input=done.stdout, capture_output=True, text=True,
                                   env=environment(), timeout=60, check=False)
            self.assertEqual(taken.returncode, 0, taken.stderr)
            with Xrayd(data_dir=data_dir) as xrayd:
                self.assertEqual(xrayd.traces([trace_id]), before)


if __name__ == "__main__":
    unittest.main()
