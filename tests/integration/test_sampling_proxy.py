"""The SDKs' sampling calls: signed by xrayd, passed on, the answers unchanged."""

import http.client
import json
import os
import tempfile
import threading
import unittest

from forwarding_xrayd import ForwardingXrayd
from stand_ins import xray
from stand_ins.xray import SECRET_KEY, Answer, XRayStandIn

PATHS = ("/GetSamplingRules", "/SamplingTargets")


def answering(answer):
    return lambda stand_in, request, connection: answer


class SamplingProxy(unittest.TestCase):
    def ready(self, daemon):
        daemon.wait_for_metric("xrayd_credentials_refreshes_total", 1)
        return daemon

    def test_calls_are_signed_and_answers_come_back_unchanged(self):
        body = b'{"SamplingRuleRecords":[],"x":"\xc3\xa4"}'
        with XRayStandIn(tls=True) as upstream, ForwardingXrayd(upstream) as daemon:
            for path in PATHS:
                upstream.paths[path] = answering(
                    Answer(200, body, [("x-amzn-RequestId", "r-1"), ("Set-Cookie", "a=1"),
                                       ("Set-Cookie", "b=2")]))
            self.ready(daemon)
            for path in PATHS:
                status, headers, got = daemon.request(
                    "POST", path, b'{"a":1}', {"Content-Type": "application/json",
                                               "X-Custom": "  two   blanks "})
                self.assertEqual((status, got), (200, body))
                self.assertEqual(headers["x-amzn-RequestId"], "r-1")
                self.assertEqual(headers.get_all("Set-Cookie"), ["a=1", "b=2"])
                self.assertEqual(headers.get_all("Content-Length"), [str(len(body))])
            self.assertEqual(upstream.faults, [])
            request = upstream.requests[0]
            self.assertEqual(request.body, b'{"a":1}')
            self.assertIn("two", request.headers["X-Custom"])
            self.assertEqual(request.headers["Host"], f"127.0.0.1:{upstream.port}")

    def test_what_a_client_or_a_proxy_adds_does_not_break_the_signature(self):
        with XRayStandIn() as upstream, ForwardingXrayd(upstream) as daemon:
            self.ready(daemon)
            connection = http.client.HTTPConnection("127.0.0.1", daemon.tcp_port, timeout=20)
            connection.putrequest("POST", PATHS[0], skip_accept_encoding=True)
            for name, value in (("X-Forwarded-For", "10.1.2.3"), ("Via", "1.1 somebody"),
                                ("X-Amzn-Trace-Id", "Root=1-2-3"), ("User-Agent", "an SDK"),
                                ("Authorization", "Basic old"), ("X-Amz-Date", "19700101T000000Z"),
                                ("X-Two", "1"), ("X-Two", "2"), ("Accept-Encoding", "gzip"),
                                ("Content-Length", "2")):
                connection.putheader(name, value)
            connection.endheaders(b"{}")
            self.assertEqual(connection.getresponse().status, 200)
            connection.close()
            self.assertEqual(upstream.faults, [])
            headers = upstream.requests[0].headers
            self.assertEqual(headers.get_all("X-Two"), ["1", "2"])
            self.assertEqual(headers.get_all("X-Forwarded-For"), ["10.1.2.3"])
            self.assertEqual(headers["User-Agent"], "an SDK")

    def test_errors_of_the_service_pass_with_their_bodies(self):
        with XRayStandIn() as upstream, ForwardingXrayd(upstream) as daemon:
            self.ready(daemon)
            for code in (400, 403, 429, 500, 503):
                upstream.paths[PATHS[0]] = answering(
                    Answer(code, '{"message":"no"}', [("X-Amzn-ErrorType", "Some")]))
                status, headers, body = daemon.request("POST", PATHS[0], b"{}")
                self.assertEqual((status, body), (code, b'{"message":"no"}'))
                self.assertEqual(headers["X-Amzn-ErrorType"], "Some")
            self.assertEqual(len(upstream.requests), 5)

    def test_502_without_a_body_while_the_service_is_away(self):
        with XRayStandIn() as upstream, ForwardingXrayd(upstream) as daemon:
            self.ready(daemon)
            for behaviour in (xray.cut, xray.not_http):
                upstream.paths[PATHS[0]] = behaviour
                self.assertEqual(daemon.request("POST", PATHS[0], b"{}")[::2], (502, b""))
            upstream.refuse()
            self.assertEqual(daemon.request("POST", PATHS[0], b"{}")[::2], (502, b""))
            self.assertEqual(
                daemon.metrics()['xrayd_proxy_requests_total{status="none"}'], 3)

    def test_a_slow_answer_is_waited_for_until_the_timeout(self):
        with XRayStandIn() as upstream, \
                ForwardingXrayd(upstream, "--proxy-timeout", "2s") as daemon:
            self.ready(daemon)
            upstream.paths[PATHS[0]] = xray.late(0.7)
            self.assertEqual(daemon.request("POST", PATHS[0], b"{}")[0], 200)
            upstream.paths[PATHS[0]] = xray.hang
            self.assertEqual(daemon.request("POST", PATHS[0], b"{}")[0], 502)

    def test_other_paths_are_not_passed_on(self):
        with XRayStandIn() as upstream, ForwardingXrayd(upstream) as daemon:
            self.ready(daemon)
            for method, path in (("POST", "/TraceSegments"), ("GET", PATHS[0]), ("POST", "/"),
                                 ("POST", "/TraceSummaries"), ("DELETE", "/a")):
                self.assertIn(daemon.request(method, path, b"{}")[0], (400, 403, 404, 405), path)
            self.assertEqual(upstream.requests, [])

    def test_the_switch_opens_all_paths_and_signs_them(self):
        with XRayStandIn() as upstream, ForwardingXrayd(upstream, "--proxy-all-paths") as daemon:
            self.ready(daemon)
            for method, path in (("POST", "/TraceSummaries?b=2&a=1"), ("DELETE", "/a//b/"),
                                 ("GET", "/x%20y"), ("PUT", "/z")):
                self.assertEqual(daemon.request(method, path, b"{}")[0], 200, path)
            self.assertEqual(daemon.request("GET", "/healthz")[0], 200)
            self.assertEqual(upstream.faults, [])
            self.assertEqual([request.target for request in upstream.requests],
                             ["/TraceSummaries?b=2&a=1", "/a//b/", "/x%20y", "/z"])

    def test_the_switch_opens_them_beyond_loopback_too(self):
        with XRayStandIn() as upstream, ForwardingXrayd(
                upstream, "--proxy-all-paths", "-t", "0.0.0.0:0") as daemon:
            self.ready(daemon)
            self.assertEqual(daemon.request("POST", "/TraceSummaries", b"{}")[0], 200)
            self.assertEqual(upstream.faults, [])

    def test_nothing_leaves_unsigned(self):
        nothing = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
        with XRayStandIn() as upstream, ForwardingXrayd(upstream, variables=nothing) as daemon:
            self.assertEqual(daemon.request("POST", PATHS[0], b"{}")[::2], (502, b""))
            self.assertEqual(upstream.requests, [])

    def test_a_body_that_is_too_long_is_refused_here(self):
        with XRayStandIn() as upstream, ForwardingXrayd(upstream) as daemon:
            self.ready(daemon)
            self.assertEqual(daemon.request("POST", PATHS[0], b" " * (1 << 20))[0], 200)
            connection = http.client.HTTPConnection("127.0.0.1", daemon.tcp_port, timeout=20)
            connection.putrequest("POST", PATHS[0])
            connection.putheader("Content-Length", str((1 << 20) + 1))
            connection.endheaders()
            self.assertEqual(connection.getresponse().status, 413)
            connection.close()
            self.assertEqual(len(upstream.requests), 1)

    def test_expired_credentials_are_read_again_for_a_call(self):
        with tempfile.TemporaryDirectory() as directory, \
                XRayStandIn(keys={"AKIDOLD": SECRET_KEY, "AKIDNEW": SECRET_KEY}) as upstream:
            path = os.path.join(directory, "credentials")

            def write(key):
                with open(path + ".new", "w", encoding="ascii") as file:
                    file.write(f"[default]\naws_access_key_id = {key}\n"
                               f"aws_secret_access_key = {SECRET_KEY}\n")
                os.rename(path + ".new", path)
            write("AKIDOLD")
            upstream.paths[PATHS[0]] = xray.expired("AKIDOLD")
            variables = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None,
                         "AWS_SHARED_CREDENTIALS_FILE": path}
            with ForwardingXrayd(upstream, variables=variables) as daemon:
                self.ready(daemon)
                write("AKIDNEW")
                self.assertEqual(daemon.request("POST", PATHS[0], b"{}")[0], 200)
                self.assertEqual(len(upstream.requests), 2)
                self.assertEqual(upstream.faults, [])

    def test_many_callers_at_a_time_each_get_their_own_answer(self):
        def echo(stand_in, request, connection):
            return Answer(200, request.body)
        with XRayStandIn() as upstream, ForwardingXrayd(upstream) as daemon:
            self.ready(daemon)
            upstream.paths[PATHS[1]] = echo
            wrong = []

            def call(number):
                for i in range(10):
                    body = json.dumps([number, i]).encode()
                    if daemon.request("POST", PATHS[1], body)[::2] != (200, body):
                        wrong.append(body)
            threads = [threading.Thread(target=call, args=(n,)) for n in range(12)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(wrong, [])
            self.assertEqual(upstream.faults, [])


if __name__ == "__main__":
    unittest.main()
