"""What xrayd makes of HTTP requests that are not what they should be."""

import contextlib
import json
import re
import select
import socket
import time
import unittest

from segments import new_trace_id, segment
from xrayd_process import Xrayd

MEBIBYTE = 1 << 20


class BadHttp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.xrayd = cls.enterClassContext(Xrayd())

    def setUp(self):
        self.addCleanup(self.assert_alive)

    def assert_alive(self):
        self.assertEqual(self.xrayd.request("GET", "/healthz")[0], 200)

    def raw(self, data, timeout=30):
        """Sends bytes, reads until the daemon closes."""
        with socket.create_connection(("127.0.0.1", self.xrayd.tcp_port), timeout) as connection:
            try:
                connection.sendall(data)
            except OSError:
                pass  # it may close before it has read everything
            answer = b""
            while True:
                try:
                    part = connection.recv(65536)
                except ConnectionResetError:
                    return answer
                if not part:
                    return answer
                answer += part

    def put(self, *documents):
        return self.xrayd.call("/TraceSegments", TraceSegmentDocuments=list(documents))

    def test_what_is_not_http_gets_400(self):
        for data in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"GET\r\n\r\n",
                     b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"\x00" * 100 + b"\r\n\r\n",
                     b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                     b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: x\r\n\r\n"):
            with self.subTest(data):
                self.assertTrue(self.raw(data).startswith(b"HTTP/1.1 400 "))

    def test_an_oversized_header_gets_431(self):
        data = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"x" * 20000 + b"\r\n\r\n"
        self.assertTrue(self.raw(data).startswith(b"HTTP/1.1 431 "))

    def test_an_oversized_body_gets_413(self):
        for path, size in (("/TraceSummaries", MEBIBYTE + 1), ("/TraceSegments", 16 * MEBIBYTE + 1)):
            with self.subTest(path):
                status, _, _ = self.xrayd.request("POST", path, b"x" * size)
                self.assertEqual(status, 413)

    def test_a_slow_client_is_cut_off(self):
        begin = time.monotonic()
        self.assertEqual(self.raw(b"GET / HTTP/1.1\r\nHost:"), b"")
        self.assertLess(time.monotonic() - begin, 15)
        self.assertGreaterEqual(self.xrayd.metrics()["xrayd_http_timeouts_total"], 1)

    def test_an_unknown_path_gets_404_as_its_callers_expect(self):
        status, headers, body = self.xrayd.request("POST", "/NoSuchOperation", "{}")
        self.assertEqual(status, 404)
        self.assertEqual(headers["x-amzn-errortype"], "UnknownOperationException")
        self.assertIn("Message", json.loads(body))
        self.assertEqual(self.xrayd.request("GET", "/nothing/here")[0], 404)
        self.assertEqual(self.xrayd.request("GET", "/../../etc/passwd")[0], 404)

    def test_the_wrong_method_gets_405_with_the_right_one(self):
        status, headers, _ = self.xrayd.request("GET", "/TraceSummaries")
        self.assertEqual((status, headers["Allow"]), (405, "POST"))
        status, headers, _ = self.xrayd.request("PUT", "/healthz")
        self.assertEqual((status, headers["Allow"]), (405, "GET, HEAD"))

    def test_a_foreign_host_is_refused_everywhere(self):
        for method, path in (("GET", "/"), ("GET", "/healthz"), ("POST", "/TraceSummaries")):
            with self.subTest(path):
                status, _, _ = self.xrayd.request(method, path, headers={"Host": "evil.example"})
                self.assertEqual(status, 403)

    def test_a_host_that_only_looks_like_loopback_is_refused(self):
        for host, status in ((b"[::1].evil.example", b"403"), (b"[::1]evil", b"403"),
                             (b"[localhost]", b"403"), (b"127.0.0.1:1.evil.example", b"403"),
                             (b"", b"400"), (b"a\r\nOrigin: null\r\nOrigin: null", b"400")):
            with self.subTest(host):
                answer = self.raw(b"GET / HTTP/1.1\r\nConnection: close\r\nHost: " + host + b"\r\n\r\n")
                self.assertEqual(answer.split()[1], status)

    def test_the_host_of_an_absolute_target_is_the_one_that_is_checked(self):
        for target, status in ((b"http://127.0.0.1", b"200"), (b"http://evil.example", b"403")):
            with self.subTest(target):
                answer = self.raw(b"GET " + target + b"/healthz HTTP/1.1\r\nConnection: close\r\n"
                                  b"Host: 127.0.0.1\r\n\r\n")
                self.assertEqual(answer.split()[1], status)

    def test_four_slow_uploads_leave_room_for_those_of_others(self):
        head = (b"POST /TraceSegments HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                b"Content-Length: %d\r\n\r\n{" % (16 * MEBIBYTE))
        with contextlib.ExitStack() as stack:
            for _ in range(4):
                slow = stack.enter_context(
                    socket.create_connection(("127.0.0.1", self.xrayd.tcp_port), 10))
                slow.sendall(head)
            time.sleep(0.2)
            self.put(json.dumps(segment(new_trace_id())))

    def test_health_and_metrics_answer_while_every_worker_is_busy(self):
        documents = [json.dumps(segment()) for _ in range(30000)]
        body = json.dumps({"TraceSegmentDocuments": documents}).encode()
        head = (b"POST /TraceSegments HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                b"Content-Length: %d\r\n\r\n" % len(body))
        with contextlib.ExitStack() as stack:
            busy = []
            for _ in range(5):
                busy.append(stack.enter_context(
                    socket.create_connection(("127.0.0.1", self.xrayd.tcp_port), 60)))
                busy[-1].sendall(head + body)
            for path in ("/healthz", "/readyz", "/metrics"):
                self.assertEqual(self.xrayd.request("GET", path)[0], 200)
            # Behind them, the first would have waited until three of the five were through.
            self.assertLess(len(select.select(busy, [], [], 0)[0]), 3)
            for connection in busy:
                self.assertIn(b" 200 ", connection.recv(100))

    def test_a_foreign_origin_is_refused_and_the_own_one_is_not(self):
        for origin, expected in (("http://evil.example", 403), ("null", 403),
                                 ("http://127.0.0.1:1", 403), (self.xrayd.url, 200)):
            with self.subTest(origin):
                status, _, _ = self.xrayd.request("GET", "/", headers={"Origin": origin})
                self.assertEqual(status, expected)

    def test_bad_bodies_get_400_in_json(self):
        for path in ("/TraceSegments", "/TraceSummaries", "/Traces", "/SamplingTargets",
                     "/CreateSamplingRule", "/UpdateSamplingRule", "/DeleteSamplingRule"):
            for body in ("not json", "[]", '{"a":', b'{"a":"\xff"}', "[" * 100000,
                         '{"TraceSegmentDocuments":7,"StartTime":"x","TraceIds":7}'):
                with self.subTest(path=path, body=body[:20]):
                    status, headers, answer = self.xrayd.request("POST", path, body)
                    self.assertEqual(status, 400)
                    self.assertTrue(headers["x-amzn-errortype"])
                    self.assertTrue(json.loads(answer))

    def test_each_bad_document_is_unprocessed_and_the_good_one_beside_it_is_stored(self):
        trace_id = new_trace_id()
        nested = "[" * 100000 + "]" * 100000
        unprocessed = self.put("not json", nested, "{}", json.dumps(segment(trace_id)),
                               )["UnprocessedTraceSegments"]
        self.assertEqual([entry["ErrorCode"] for entry in unprocessed[:2]],
                         ["ParseError", "ParseError"])
        self.assertEqual(len(unprocessed), 3)
        self.assertEqual(self.xrayd.traces([trace_id])[0]["Id"], trace_id)

    def test_a_document_nested_100000_deep_in_objects_is_unprocessed(self):
        nested = '{"a":' * 100000 + "1" + "}" * 100000
        unprocessed = self.put(nested)["UnprocessedTraceSegments"]
        self.assertEqual(unprocessed[0]["ErrorCode"], "ParseError")

    def test_hundreds_of_silent_connections_are_bounded_and_leave_with_their_clients(self):
        connections = []
        try:
            for _ in range(300):
                connections.append(
                    socket.create_connection(("127.0.0.1", self.xrayd.tcp_port), 10))
            time.sleep(0.2)
        finally:
            for connection in connections:
                connection.close()
        time.sleep(0.2)
        metrics = self.xrayd.metrics()
        self.assertGreaterEqual(metrics["xrayd_http_connections_refused_total"], 44)
        self.assertLess(metrics["xrayd_http_connections"], 20)

    def test_the_console_is_served_with_its_policy_and_its_tag(self):
        status, headers, body = self.xrayd.request("GET", "/")
        self.assertEqual(status, 200)
        self.assertIn("default-src 'self'", headers["Content-Security-Policy"])
        self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
        names = re.findall(rb'(?:src|href)="\.?/?(app\.\w+)"', body)
        self.assertEqual(set(names), {b"app.js", b"app.css"})
        for name in names:
            self.assertEqual(self.xrayd.request("GET", "/" + name.decode())[0], 200, name)
        status, icon_headers, icon = self.xrayd.request("GET", "/icon.svg")
        self.assertIn(b'<link rel="icon" type="image/svg+xml" href="icon.svg"', body)
        self.assertEqual((status, icon_headers["Content-Type"], icon[:5]),
                         (200, "image/svg+xml", b"<svg "))
        status, _, body = self.xrayd.request("GET", "/", headers={"If-None-Match": headers["ETag"]})
        self.assertEqual((status, body), (304, b""))

    @classmethod
    def tearDownClass(cls):
        status = cls.xrayd.stop()
        if status != 0:
            raise AssertionError(f"xrayd ended with {status}:\n{cls.xrayd.log}")


if __name__ == "__main__":
    unittest.main()
