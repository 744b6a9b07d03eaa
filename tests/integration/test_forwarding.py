"""Documents on their way through xrayd to a stand-in of X-Ray that checks every signature."""

import collections
import json
import os
import re
import socket
import tempfile
import threading
import unittest

from forwarding_xrayd import ForwardingXrayd, document, documents
from stand_ins import xray
from stand_ins.xray import SECRET_KEY, XRayStandIn
from xrayd_process import HEADER, wait_until


def final_books(daemon):
    """The counters that the daemon logs as its last word."""
    line = next(line for line in daemon.log.splitlines() if "stopped;" in line)
    found = collections.Counter()
    for name, value in re.findall(r"(xrayd_\w+)(?:\{[^}]*\})?=(\d+)", line):
        found[name] += int(value)
    return found


def sent_by(rows):
    return {name: rows[f"xrayd_forward_documents_{name}_total"]
            for name in ("sent", "rejected", "failed", "dropped")}


class Forwarding(unittest.TestCase):
    def arrived(self, upstream, count, daemon=None):
        wait_until(lambda: upstream.document_count() >= count, 20,
                   lambda: f"{upstream.document_count()} of {count} arrived\n"
                           f"{daemon.log if daemon else ''}")

    def assert_all_arrived(self, upstream, sent):
        self.assertEqual(upstream.faults, [])
        self.assertEqual(collections.Counter(upstream.documents), collections.Counter(sent))

    def test_documents_arrive_byte_for_byte_and_signed_over_tls(self):
        odd = ["T1S\x01not JSON", '{"a": "\\u2028 \\" / \\\\"}', "{ }\n", '{"ä": "\U0001f600"}',
               "\u2028\x7f\t<>&'", "x"]
        with XRayStandIn(tls=True) as upstream, ForwardingXrayd(upstream) as daemon:
            sent = odd + documents(300) + documents(20, 1000, size=8192)
            daemon.send(sent)
            self.arrived(upstream, len(sent), daemon)
            self.assert_all_arrived(upstream, sent)
            request = upstream.uploads()[0]
            self.assertIn("xray-agent/xray-daemon/", request.headers["User-Agent"])
            self.assertEqual(request.headers["Content-Type"], "application/json")
            self.assertAlmostEqual(
                float(request.headers["X-Amzn-Xray-Timestamp"]), request.time, delta=5)
            self.assertRegex(daemon.log, r"Successfully sent batch of \d+ segments \(0\.\d{3} sec")
            self.assertTrue(all(len(xray.documents_of(r)) <= 50 for r in upstream.uploads()))

    def test_a_byte_that_is_no_utf8_is_replaced_as_ever(self):
        with XRayStandIn() as upstream, ForwardingXrayd(upstream) as daemon:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.sendto(HEADER + b"a\xff\xfeb", ("127.0.0.1", daemon.udp_port))
            self.arrived(upstream, 1)
            self.assertEqual(upstream.documents, ["a\ufffd\ufffdb"])

    def test_an_execution_environment_that_no_header_can_have_holds_up_nothing(self):
        with XRayStandIn() as upstream, \
                ForwardingXrayd(upstream, variables={"AWS_EXECUTION_ENV": "a\r\nb: c"}) as daemon:
            daemon.send([document(1)])
            self.arrived(upstream, 1)
            self.assertEqual(upstream.faults, [])
            self.assertIn("exec-env/ab:c OS/linux", upstream.uploads()[0].headers["User-Agent"])

    def test_a_session_token_is_signed(self):
        with XRayStandIn() as upstream, \
                ForwardingXrayd(upstream, variables={"AWS_SESSION_TOKEN": "a/token+="}) as daemon:
            daemon.send([document(1)])
            self.arrived(upstream, 1)
            self.assertEqual(upstream.faults, [])
            self.assertEqual(upstream.uploads()[0].headers["X-Amz-Security-Token"], "a/token+=")
            self.assertNotIn("a/token", daemon.log)

    def test_a_burst_of_two_hundred_datagrams_arrives_or_is_counted(self):
        with XRayStandIn() as upstream, ForwardingXrayd(upstream) as daemon:
            sent = documents(200, size=8192)
            daemon.send(sent)
            kernel = "xrayd_datagrams_dropped_by_kernel_total"
            wait_until(lambda: upstream.document_count() + daemon.metrics().get(kernel, 0)
                       >= len(sent), 20, lambda: f"{upstream.document_count()} {daemon.metrics()}")
            daemon.stop()
            rows = final_books(daemon)
            self.assertEqual(len(upstream.documents) + rows[kernel], len(sent))
            self.assertEqual(rows["xrayd_forward_documents_sent_total"], len(upstream.documents))
            self.assertEqual(len(set(upstream.documents)), len(upstream.documents))

    def test_failures_that_pass_cost_nothing(self):
        bad = [xray.status(500), xray.status(503, "ServiceUnavailable"),
               xray.status(429, "ThrottledException", [("Retry-After", "0")]), xray.cut,
               xray.not_http, xray.status(502)]
        with XRayStandIn(tls=True) as upstream, ForwardingXrayd(upstream) as daemon:
            upstream.next(*bad)
            sent = documents(120)
            daemon.send(sent)
            self.arrived(upstream, len(sent), daemon)
            daemon.stop()
            self.assert_all_arrived(upstream, sent)
            rows = final_books(daemon)
            self.assertEqual(rows["xrayd_forward_documents_sent_total"], len(sent))
            self.assertEqual(rows["xrayd_upload_errors_total"], len(bad))

    def test_what_the_service_does_not_process_is_counted_logged_and_only_throttled_sent_again(self):
        throttled = set()

        def wrong(text):
            number = int(json.loads(text)["id"], 16)
            if number % 10 == 3:
                return "InvalidSegment"
            if number % 10 == 5 and number not in throttled:
                throttled.add(number)
                return "ThrottledException"
            return ("Odd", None) if number == 7 else None

        with XRayStandIn() as upstream, ForwardingXrayd(upstream) as daemon:
            upstream.always = xray.unprocessed(wrong)
            daemon.send(documents(50))
            self.arrived(upstream, 44, daemon)
            daemon.stop()
            self.assertEqual(len(upstream.documents), 44)
            self.assertEqual(len(set(upstream.documents)), 44)
            self.assertEqual(len(throttled), 5)
            self.assertEqual(
                sent_by(final_books(daemon)),
                {"sent": 44, "rejected": 6, "failed": 0, "dropped": 0})
            self.assertIn("Unprocessed trace 1-5f84c7a1-%024x, segment %016x: InvalidSegment"
                          % (13, 13), daemon.log)
            self.assertIn("Unprocessed segments (", daemon.log)
            self.assertNotIn("start_time", daemon.log)

    def test_what_can_never_succeed_is_lost_once_and_counted(self):
        with XRayStandIn() as upstream, ForwardingXrayd(upstream) as daemon:
            upstream.next(xray.status(400, "InvalidRequestException"))
            daemon.send(documents(5))
            wait_until(upstream.uploads, 10, lambda: "no request came")
            daemon.stop()
            self.assertEqual(len(upstream.uploads()), 1)
            self.assertEqual(final_books(daemon)["xrayd_forward_documents_failed_total"], 5)
            self.assertIn("Sending segment batch failed with: the service answered 400 "
                          "InvalidRequestException: a test's wish", daemon.log)

    def test_a_clock_that_is_wrong_is_corrected_from_the_answers_date(self):
        with XRayStandIn() as upstream, ForwardingXrayd(upstream) as daemon:
            upstream.always = xray.skewed(3 * 3600)
            sent = documents(60)
            daemon.send(sent)
            self.arrived(upstream, len(sent), daemon)
            self.assert_all_arrived(upstream, sent)

    def test_expired_credentials_are_read_again(self):
        with tempfile.TemporaryDirectory() as directory, \
                XRayStandIn(keys={"AKIDOLD": SECRET_KEY, "AKIDNEW": SECRET_KEY}) as upstream:
            path = os.path.join(directory, "credentials")

            def write(key):
                with open(path + ".new", "w", encoding="ascii") as file:
                    file.write(f"[default]\naws_access_key_id = {key}\n"
                               f"aws_secret_access_key = {SECRET_KEY}\n")
                os.rename(path + ".new", path)
            write("AKIDOLD")
            upstream.always = xray.expired("AKIDOLD")
            variables = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None,
                         "AWS_SHARED_CREDENTIALS_FILE": path}
            with ForwardingXrayd(upstream, variables=variables) as daemon:
                daemon.wait_for_metric("xrayd_credentials_refreshes_total", 1)
                write("AKIDNEW")
                sent = documents(10)
                daemon.send(sent)
                self.arrived(upstream, len(sent), daemon)
                self.assert_all_arrived(upstream, sent)
                self.assertNotIn(SECRET_KEY, daemon.log)

    def test_telemetry_tells_what_happened_also_in_the_drain(self):
        with XRayStandIn() as upstream, \
                ForwardingXrayd(upstream, "--telemetry-interval", "1s", "-a", "arn:x",
                                variables={"AWS_HOSTNAME": "h", "AWS_INSTANCE_ID": "i"}) as daemon:
            upstream.next(xray.status(500))
            daemon.send(documents(10))
            wait_until(lambda: upstream.telemetry, 10, lambda: "no telemetry")
            upstream.next(xray.status(400, "InvalidRequestException"))
            daemon.send(documents(3) + ["{"])
            daemon.stop()
            body = json.loads(next(request.body for request in upstream.requests
                                   if request.target == "/TelemetryRecords"))
            self.assertEqual((body["ResourceARN"], body["Hostname"], body["EC2InstanceId"]),
                             ("arn:x", "h", "i"))
            sums = collections.Counter()
            for record in upstream.telemetry:
                sums.update({name: value for name, value in record.items()
                             if name.startswith("Segments")})
                sums.update(record["BackendConnectionErrors"])
            rows = final_books(daemon)
            self.assertEqual(sums["SegmentsReceivedCount"], 14)
            self.assertEqual(sums["SegmentsSentCount"], 10)
            self.assertEqual(sums["SegmentsRejectedCount"], 4)
            self.assertEqual(rows["xrayd_forward_documents_failed_total"], 4)
            self.assertEqual(sums["HTTPCode5XXCount"], 1)
            self.assertEqual(sums["HTTPCode4XXCount"], 1)
            self.assertEqual(upstream.faults, [])

    def test_nothing_received_is_lost_by_a_sigterm_under_load(self):
        with XRayStandIn(tls=True) as upstream, ForwardingXrayd(upstream) as daemon:
            upstream.always = xray.late(0.02)
            stop = threading.Event()
            sent = []

            def send():
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                    sender.connect(("127.0.0.1", daemon.udp_port))
                    while not stop.is_set():
                        for _ in range(20):
                            text = document(len(sent), 1024)
                            try:
                                sender.send(HEADER + text.encode())
                            except ConnectionRefusedError:
                                return
                            sent.append(text)
                        stop.wait(0.005)
            thread = threading.Thread(target=send)
            thread.start()
            self.arrived(upstream, 300, daemon)
            self.assertEqual(daemon.stop(), 0)
            stop.set()
            thread.join()
            rows = final_books(daemon)
            self.assertEqual(rows["xrayd_forward_documents_sent_total"], rows["xrayd_datagrams_received_total"])
            self.assertEqual(len(upstream.documents), rows["xrayd_forward_documents_sent_total"])
            self.assertEqual(len(set(upstream.documents)), len(upstream.documents))
            self.assertLessEqual(set(upstream.documents), set(sent))
            self.assertNotIn("segments were left", daemon.log)


if __name__ == "__main__":
    unittest.main()
