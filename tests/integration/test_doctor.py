"""`xrayd doctor` says what is there and what is missing, and exits accordingly."""

import socket
import subprocess
import unittest

from forwarding_xrayd import ForwardingXrayd
from stand_ins import xray
from stand_ins.xray import ACCESS_KEY, SECRET_KEY, XRayStandIn
from xrayd_process import binary, environment


class Doctor(unittest.TestCase):
    def setUp(self):
        self.upstream = self.enterContext(XRayStandIn(tls=True))

    def examine(self, *arguments, secret=SECRET_KEY, **variables):
        command = [binary(), "doctor", "-o", "-b", "127.0.0.1:0", "-t", "127.0.0.1:0",
                   "--endpoint", self.upstream.url, "--ca-bundle", self.upstream.ca_file,
                   *arguments]
        given = environment() | {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": secret,
                                 "AWS_CONFIG_FILE": "/dev/null",
                                 "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"} | variables
        result = subprocess.run(command, capture_output=True, text=True, timeout=30,
                                env={k: v for k, v in given.items() if v is not None})
        self.assertNotIn(secret, result.stdout + result.stderr)
        return result.returncode, result.stdout

    def test_all_is_well_where_the_service_takes_a_signed_request(self):
        status, text = self.examine("-n", "us-east-1")
        self.assertEqual(status, 0, text)
        for part in ("is free", "socket buffer", "us-east-1", self.upstream.url,
                     "credentials: from environment", "takes the signature", "all is well"):
            self.assertIn(part, text)
        self.assertEqual(self.upstream.faults, [])
        self.assertEqual(self.upstream.documents, [])

    def test_a_wrong_secret_is_refused_by_the_service_and_said(self):
        status, text = self.examine("-n", "us-east-1", secret="wrong" * 8)
        self.assertEqual(status, 1, text)
        self.assertIn("BAD", text)
        self.assertIn("something is missing", text)

    def test_without_region_or_credentials_it_says_which(self):
        status, text = self.examine()
        self.assertEqual(status, 1)
        self.assertIn("Cannot fetch region", text)
        status, text = self.examine("-n", "us-east-1", AWS_ACCESS_KEY_ID=None)
        self.assertEqual(status, 1)
        self.assertIn("AWS_ACCESS_KEY_ID is not", text)

    def test_a_service_that_is_away_is_said_with_its_address(self):
        self.upstream.refuse()
        status, text = self.examine("-n", "us-east-1")
        self.assertEqual(status, 1)
        self.assertIn("X-Ray does not answer: 127.0.0.1:%d" % self.upstream.port, text)

    def test_a_port_that_somebody_else_has_is_bad_a_daemon_of_ours_is_not(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as busy:
            busy.bind(("127.0.0.1", 0))
            status, text = self.examine("-n", "us-east-1", "-b",
                                        "127.0.0.1:%d" % busy.getsockname()[1])
            self.assertEqual(status, 1)
            self.assertIn("in use", text)
        with ForwardingXrayd(self.upstream) as daemon:
            status, text = self.examine("-n", "us-east-1", "-b", "127.0.0.1:%d" % daemon.udp_port,
                                        "-t", "127.0.0.1:%d" % daemon.tcp_port)
            self.assertEqual(status, 0, text)
            self.assertIn("a daemon answers", text)


if __name__ == "__main__":
    unittest.main()
