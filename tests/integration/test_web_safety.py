"""Who may read and change traces: loopback, hosts, origins, and the token beyond loopback."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest

from segments import UdpSender, datagram, new_trace_id, segment
from xrayd_process import Xrayd, binary, environment

OPEN = ("--bind-tcp", "0.0.0.0:0")
GIVEN = "correct-horse-battery"
READS = [("GET", "/"), ("GET", "/app.js"), ("GET", "/console/api/v1/facets"),
         ("GET", "/console/api/v1/traces"), ("GET", "/console/api/v1/tail"), ("GET", "/console/api/v1/documents"),
         ("GET", "/console/api/v1/daemon"), ("POST", "/TraceSummaries"), ("POST", "/Traces"),
         ("POST", "/ServiceGraph"), ("POST", "/Groups")]
CHANGES = [("POST", "/console/api/v1/clear"), ("POST", "/TraceSegments"), ("POST", "/CreateGroup"),
           ("POST", "/CreateSamplingRule"), ("POST", "/TelemetryRecords")]


def signature(access_key_id):
    return (f"AWS4-HMAC-SHA256 Credential={access_key_id}/20261122/us-east-1/xray/aws4_request, "
            "SignedHeaders=host;x-amz-date, Signature=" + "0" * 64)


class Token(unittest.TestCase):
    def setUp(self):
        self.home = tempfile.mkdtemp(prefix="xrayd-test-")
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)

    def data(self):
        return os.path.join(self.home, "data")

    def file(self):
        with open(os.path.join(self.data(), "console.token"), encoding="utf-8") as file:
            return file.read().strip()

    def status(self, xrayd, method, path, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return xrayd.request(method, path, "{}" if method == "POST" else None, headers)[0]

    def test_on_loopback_there_is_none(self):
        with Xrayd(data_dir=self.data()) as xrayd:
            self.assertEqual(self.status(xrayd, "GET", "/console/api/v1/tail"), 200)
            self.assertNotIn("token", xrayd.log)
        self.assertFalse(os.path.exists(os.path.join(self.data(), "console.token")))

    def test_beyond_loopback_one_is_made_said_once_and_kept(self):
        with Xrayd(None, *OPEN, data_dir=self.data()) as xrayd:
            token = self.file()
            self.assertEqual(xrayd.log.count(token), 1)
            self.assertRegex(xrayd.log, rf"http://127\.0\.0\.1:{xrayd.tcp_port}/\?token={token} ")
            self.assertEqual(self.status(xrayd, "GET", f"/?token={token}"), 303)
            self.assertEqual(self.status(xrayd, "GET", "/?token=wrong"), 401)
            self.assertEqual(xrayd.stop(), 0)
            self.assertEqual(xrayd.log.count(token), 1)
        path = os.path.join(self.data(), "console.token")
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        with Xrayd(None, *OPEN, data_dir=self.data()) as xrayd:
            self.assertEqual(self.file(), token)
            self.assertNotIn(token, xrayd.log)
            self.assertIn("console.token", xrayd.log)
            self.assertEqual(
                self.status(xrayd, "GET", "/console/api/v1/tail", Authorization="Bearer " + token), 200)

    def test_reading_and_changing_need_it_health_and_samplers_do_not(self):
        with Xrayd(None, *OPEN, "--console-token", GIVEN) as xrayd:
            for method, path in READS + CHANGES:
                with self.subTest(path):
                    self.assertEqual(self.status(xrayd, method, path), 401)
                    for wrong in ("Bearer " + GIVEN + "x", "Bearer ", GIVEN, signature("AKIDEXAMPLE")):
                        self.assertEqual(self.status(xrayd, method, path, Authorization=wrong), 401)
            for method, path in READS:
                with self.subTest(path):
                    self.assertNotEqual(
                        self.status(xrayd, method, path, Authorization="Bearer " + GIVEN), 401)
            for path in ("/healthz", "/readyz", "/metrics"):
                self.assertEqual(self.status(xrayd, "GET", path), 200)
            self.assertEqual(self.status(xrayd, "POST", "/GetSamplingRules"), 200)
            self.assertEqual(xrayd.request("POST", "/SamplingTargets",
                                           '{"SamplingStatisticsDocuments":[]}')[0], 200)
            self.assertNotIn(GIVEN, xrayd.log)

    def test_segments_by_udp_need_none(self):
        trace_id = new_trace_id()
        with Xrayd(None, *OPEN, "--console-token", GIVEN) as xrayd:
            with UdpSender(xrayd.udp_port) as sender:
                sender.send(datagram(segment(trace_id)))
            xrayd.wait_for_metric("xrayd_documents_stored_total", 1)

    def test_clients_of_aws_send_it_as_their_access_key_id(self):
        with Xrayd(None, *OPEN, "--console-token", GIVEN) as xrayd:
            body = json.dumps({"TraceIds": [new_trace_id()]})
            status, _, answer = xrayd.request("POST", "/Traces", body,
                                              {"Authorization": signature(GIVEN)})
            self.assertEqual((status, json.loads(answer)["Traces"]), (200, []))
            status, headers, _ = xrayd.request("POST", "/Traces", body,
                                               {"Authorization": signature("AKIDEXAMPLE")})
            self.assertEqual((status, headers["x-amzn-errortype"]),
                             (401, "UnrecognizedClientException"))

    def test_a_browser_gets_a_cookie_that_scripts_and_other_sites_do_not_have(self):
        with Xrayd(None, *OPEN, "--console-token", GIVEN) as xrayd:
            status, headers, body = xrayd.request("GET", "/?token=" + GIVEN)
            self.assertEqual((status, headers["Location"]), (303, "/"))
            self.assertNotIn(GIVEN.encode(), body)
            cookie = headers["Set-Cookie"]
            self.assertIn("HttpOnly", cookie)
            self.assertIn("SameSite=Strict", cookie)
            own = cookie.split(";")[0]
            self.assertEqual(self.status(xrayd, "GET", "/", Cookie=own), 200)
            self.assertEqual(self.status(xrayd, "POST", "/console/api/v1/clear", Cookie=own), 200)
            self.assertEqual(self.status(xrayd, "POST", "/console/api/v1/clear", Cookie=own,
                                         Origin="http://evil.example"), 403)
            self.assertEqual(self.status(xrayd, "POST", "/console/api/v1/clear",
                                         Cookie="xrayd_token=wrong"), 401)

    def test_it_is_read_from_a_file(self):
        path = os.path.join(self.home, "secret")
        with open(path, "w", encoding="utf-8") as file:
            file.write(GIVEN + "\n")
        with Xrayd(None, *OPEN, "--console-token-file", path) as xrayd:
            self.assertEqual(
                self.status(xrayd, "GET", "/console/api/v1/tail", Authorization="Bearer " + GIVEN), 200)
            self.assertEqual(self.status(xrayd, "GET", "/console/api/v1/tail"), 401)
        done = subprocess.run([binary(), "--backend", "local", "--data-dir", self.data(), "--bind",
                               "127.0.0.1:0", "--bind-tcp", "127.0.0.1:0", "--console-token-file",
                               path + ".missing"], capture_output=True, env=environment(),
                              timeout=30, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"secret.missing", done.stderr)

    def test_commands_find_a_kept_one_and_ask_for_a_given_one(self):
        run = lambda *arguments: subprocess.run([binary(), *arguments], capture_output=True,
                                                env=environment(), timeout=60, check=False)
        with Xrayd(None, *OPEN, data_dir=self.data()):
            done = run("export", "--data-dir", self.data())
            self.assertEqual(done.returncode, 0, done.stderr)
        with Xrayd(None, *OPEN, "--console-token", GIVEN, data_dir=self.data()):
            done = run("clear", "--yes", "--data-dir", self.data())
            self.assertEqual(done.returncode, 2)
            self.assertIn(b"token", done.stderr)
            done = run("clear", "--yes", "--data-dir", self.data(), "--console-token", GIVEN)
            self.assertEqual(done.returncode, 0, done.stderr)


class HostileRequests(unittest.TestCase):
    """Pages that a browser shows from elsewhere, on a loopback listener."""

    @classmethod
    def setUpClass(cls):
        cls.xrayd = cls.enterClassContext(Xrayd())

    def test_a_foreign_host_reads_and_changes_nothing(self):
        for method, path in READS + CHANGES:
            for host in ("evil.example", f"evil.example:{self.xrayd.tcp_port}",
                         "127.0.0.1.evil.example", "192.168.0.1"):
                with self.subTest(path=path, host=host):
                    self.assertEqual(self.xrayd.request(method, path, "{}", {"Host": host})[0], 403)

    def test_a_foreign_origin_reads_and_changes_nothing(self):
        for method, path in READS + CHANGES:
            for origin in ("http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1"):
                with self.subTest(path=path, origin=origin):
                    self.assertEqual(
                        self.xrayd.request(method, path, "{}", {"Origin": origin})[0], 403)

    def test_what_a_foreign_page_asked_for_did_not_happen(self):
        trace_id = new_trace_id()
        self.xrayd.call("/TraceSegments", TraceSegmentDocuments=[json.dumps(segment(trace_id))])
        status, _, _ = self.xrayd.request("POST", "/console/api/v1/clear", "{}",
                                          {"Origin": "http://evil.example"})
        self.assertEqual(status, 403)
        self.assertEqual(self.xrayd.request("GET", "/console/api/v1/clear")[0], 405)
        self.assertEqual(self.xrayd.traces([trace_id])[0]["Id"], trace_id)

    def test_no_answer_lets_other_origins_read_it(self):
        for method, path in READS:
            with self.subTest(path):
                _, headers, _ = self.xrayd.request(method, path, "{}" if method == "POST" else None)
                self.assertIsNone(headers["Access-Control-Allow-Origin"])
                self.assertEqual(headers["Cross-Origin-Resource-Policy"], "same-origin")

    def test_bodies_of_the_consoles_changes_are_bounded(self):
        status, _, _ = self.xrayd.request("POST", "/console/api/v1/clear", b"x" * ((1 << 20) + 1))
        self.assertEqual(status, 413)


if __name__ == "__main__":
    unittest.main()
