"""Debian's curl, as it is: everything that it fetches is recorded, and carries the trace."""

import unittest

from preloaded import Preloaded
from recorder import subsegments
from web_server import WebServer


class CurlTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = WebServer()
        cls.enterClassContext(cls.server)

    def segment_of(self, *arguments):
        """The segment of one curl; the server must have seen every call in it."""
        seen = len(self.server.requests())
        with Preloaded() as preloaded:
            self.output = preloaded.run("/usr/bin/curl", "--silent", "--show-error", *arguments)
            segment, = preloaded.recorder.segments(1)
        self.assertEqual(segment["name"], "curl")
        self.requests = self.server.requests()[seen:]
        calls = {f"Root={segment['trace_id']};Parent={call['id']};Sampled=1"
                 for call in subsegments(segment)}
        self.assertEqual({request["trace"] for request in self.requests}, calls)
        return segment

    def test_one_transfer(self):
        call, = self.segment_of(self.server.url + "/here?token=secret")["subsegments"]
        self.assertEqual(self.output, "here\n")
        self.assertEqual(call["namespace"], "remote")
        self.assertEqual(call["http"]["request"],
                         {"method": "GET", "url": self.server.url + "/here"})
        self.assertEqual(call["http"]["response"]["status"], 200)

    def test_a_redirect_is_one_call_whose_trace_both_requests_carry(self):
        call, = self.segment_of("--location", self.server.url + "/moved")["subsegments"]
        self.assertEqual(self.output, "here\n")
        self.assertEqual([r["path"] for r in self.requests], ["/moved", "/here"])
        self.assertEqual(call["http"]["response"]["status"], 200)

    def test_parallel_transfers(self):
        calls = self.segment_of("--parallel", "--output", "/dev/null", self.server.url + "/here",
                                "--output", "/dev/null", self.server.url + "/missing")
        by_url = {call["http"]["request"]["url"].rpartition("/")[2]: call
                  for call in calls["subsegments"]}
        self.assertEqual(by_url["here"]["http"]["response"]["status"], 200)
        self.assertEqual(by_url["missing"]["http"]["response"]["status"], 404)
        self.assertTrue(by_url["missing"]["error"])

    def test_what_is_not_sampled_says_so_to_the_server(self):
        seen = len(self.server.requests())
        with Preloaded() as preloaded:
            preloaded.run("/usr/bin/curl", "--silent", self.server.url + "/here",
                          environment={"AWS_XRAY_SAMPLER": "never"})
        request, = self.server.requests()[seen:]
        self.assertIn("Sampled=0", request["trace"])

    def test_a_failure_keeps_curls_status_and_words(self):
        arguments = ("/usr/bin/curl", "--silent", "--show-error", "http://127.0.0.1:9/")
        with Preloaded() as preloaded:
            preloaded.run(*arguments, status=7)
            segment, = preloaded.recorder.segments(1)
        call, = segment["subsegments"]
        self.assertTrue(call["fault"])


if __name__ == "__main__":
    unittest.main()
