"""What a service manager hears of a daemon that was told of its socket."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest
import unittest.mock

from xrayd_process import Xrayd, binary, environment


class ServiceManager(unittest.TestCase):

    def setUp(self):
        home = tempfile.mkdtemp(prefix="xrayd-manager-")
        self.addCleanup(shutil.rmtree, home)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.socket.close)
        self.socket.bind(home + "/notify")
        self.socket.settimeout(20)
        self.variables = {"NOTIFY_SOCKET": home + "/notify"}

    def heard(self):
        return self.socket.recv(4096).decode()

    def xrayd(self, **more):
        with unittest.mock.patch.dict(os.environ, self.variables | more):
            return Xrayd()

    def test_hears_that_the_daemon_is_ready_reloads_and_stops(self):
        with self.xrayd() as xrayd:
            self.assertEqual(self.heard(), "READY=1\n")
            self.assertEqual(xrayd.request("GET", "/healthz")[0], 200)
            xrayd.process.send_signal(signal.SIGHUP)
            self.assertRegex(self.heard(), r"^RELOADING=1\nMONOTONIC_USEC=[1-9]\d*\n$")
            self.assertEqual(self.heard(), "READY=1\n")
            self.assertEqual(xrayd.stop(), 0)
            # Not killed while it still drains, however long it was told that this may take.
            self.assertRegex(self.heard(), r"^STOPPING=1\nEXTEND_TIMEOUT_USEC=[1-9]\d{6,}\n$")

    def test_gets_signs_of_life_at_least_twice_within_its_patience(self):
        with self.xrayd(WATCHDOG_USEC="1000000"):
            self.assertEqual(self.heard(), "READY=1\n")
            self.socket.settimeout(1)
            for _ in range(3):
                self.assertEqual(self.heard(), "WATCHDOG=1\n")

    def test_hears_nothing_of_a_daemon_that_cannot_start(self):
        with socket.socket() as busy:
            busy.bind(("127.0.0.1", 0))
            busy.listen()
            with unittest.mock.patch.dict(os.environ, self.variables):
                done = subprocess.run(
                    [binary(), "--backend", "local", "--data-dir",
                     self.variables["NOTIFY_SOCKET"] + ".data", "-b", "127.0.0.1:0", "-t",
                     "127.0.0.1:{}".format(busy.getsockname()[1])],
                    env=environment(), timeout=20, capture_output=True, check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.socket.settimeout(0)
        self.assertRaises(BlockingIOError, self.heard)


if __name__ == "__main__":
    unittest.main()
