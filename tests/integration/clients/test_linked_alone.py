"""A program that contains libcurl: traced by xray_patch(), without a line of code."""

import http.server
import os
import subprocess
import threading
import unittest

import recorder


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.headers_seen.append(self.headers.get("X-Amzn-Trace-Id"))
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class LinkedAlone(unittest.TestCase):
    def setUp(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.headers_seen = []
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.url = f"http://user:word@127.0.0.1:{self.server.server_port}/cart?card=4111"

    def run_program(self, daemon, **more):
        done = subprocess.run([os.environ["PROGRAM"], self.url], capture_output=True, text=True,
                              timeout=60, check=True,
                              env={**os.environ, **daemon.environment(**more)})
        self.assertEqual(done.stdout, "404\n")

    def test_its_requests_are_recorded_and_carry_the_trace_on(self):
        with recorder.Recorder() as daemon:
            self.run_program(daemon)
            segment, = daemon.segments(1)
        call, = recorder.subsegments(segment)
        self.assertEqual(call["name"], "127.0.0.1")
        self.assertEqual(call["namespace"], "remote")
        self.assertEqual(call["http"]["request"]["url"],
                         f"http://127.0.0.1:{self.server.server_port}/cart")
        self.assertEqual(call["http"]["response"]["status"], 404)
        self.assertTrue(call["error"])
        header, = self.server.headers_seen
        self.assertIn(f"Root={segment['trace_id']}", header)
        self.assertIn(f"Parent={call['id']}", header)

    def test_it_obeys_the_environment(self):
        with recorder.Recorder() as daemon:
            self.run_program(daemon, AWS_XRAY_PATCH="sqlite3,redis")
            segment, = daemon.segments(1)
        self.assertEqual(recorder.subsegments(segment), [])
        self.assertEqual(self.server.headers_seen, [None])


if __name__ == "__main__":
    unittest.main()
