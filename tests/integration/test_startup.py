"""How xrayd starts, and what it says when it can't: one line, and the right exit status."""

import os
import socket
import stat
import subprocess
import tempfile
import unittest

from segments import UdpSender, datagram, new_trace_id, segment
from xrayd_process import Xrayd, binary, environment, wait_until


def run(*arguments, **variables):
    return subprocess.run([binary(), *arguments], capture_output=True, text=True, timeout=20,
                          env={**environment(), **variables})


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Startup(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="xrayd-test-")
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def assert_fails(self, status, *arguments, names, **variables):
        result = run(*arguments, **variables)
        self.assertEqual(result.returncode, status, result.stderr)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        for name in names:
            self.assertIn(name, result.stderr)

    def local(self, *arguments, data_dir=None):
        return ("--backend", "local", "--data-dir", data_dir or self.directory + "/data",
                "--bind", "127.0.0.1:0", "--bind-tcp", "127.0.0.1:0", *arguments)

    def test_a_busy_udp_port_is_one_line_and_status_1(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as busy:
            busy.bind(("127.0.0.1", 0))
            address = "127.0.0.1:%d" % busy.getsockname()[1]
            self.assert_fails(1, *self.local("--bind", address), names=[address, "in use"])

    def test_a_busy_tcp_port_is_one_line_and_status_1(self):
        with socket.socket() as busy:
            busy.bind(("127.0.0.1", 0))
            busy.listen()
            address = "127.0.0.1:%d" % busy.getsockname()[1]
            self.assert_fails(1, *self.local("--bind-tcp", address), names=[address, "in use"])

    def test_a_data_directory_that_can_not_be_made_is_one_line_and_status_1(self):
        path = self.directory + "/file"
        with open(path, "w", encoding="ascii") as file:
            file.write("here")
        for data_dir in (path, path + "/below", "/proc/xrayd"):
            with self.subTest(data_dir):
                self.assert_fails(1, *self.local(data_dir=data_dir), names=[data_dir])

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_a_data_directory_without_write_permission_is_one_line_and_status_1(self):
        path = self.directory + "/readonly"
        os.mkdir(path, 0o500)
        self.assert_fails(1, *self.local(data_dir=path), names=[path])

    def test_a_corrupt_store_is_one_line_and_status_1(self):
        with Xrayd(data_dir=self.directory):
            pass
        for name in os.listdir(self.directory):
            path = os.path.join(self.directory, name)
            if os.path.isfile(path):
                with open(path, "wb") as file:
                    file.write(b"this is no store " * 1000)
        self.assert_fails(1, *self.local(data_dir=self.directory), names=[self.directory])

    def test_a_second_daemon_on_the_same_store_is_one_line_and_status_1(self):
        with Xrayd(data_dir=self.directory):
            self.assert_fails(1, *self.local(data_dir=self.directory), names=[self.directory])

    def test_without_a_region_forwarding_is_one_line_and_status_1(self):
        for backend in ("aws", "both"):
            with self.subTest(backend):
                self.assert_fails(
                    1, "--backend", backend, "--data-dir", self.directory + "/" + backend,
                    "--bind", "127.0.0.1:0", "--bind-tcp", "127.0.0.1:0",
                    names=["Cannot fetch region variable from config file, environment variables"],
                    AWS_EC2_METADATA_SERVICE_ENDPOINT="http://127.0.0.1:1",
                    AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null")

    def test_a_bad_value_is_one_line_and_status_2(self):
        self.assert_fails(2, "--bind", "nonsense", names=["-bind", "nonsense"])
        self.assert_fails(2, names=["XRAYD_RETENTION_AGE", "soon"], XRAYD_RETENTION_AGE="soon")
        self.assert_fails(2, "--no-such-flag", names=["-no-such-flag"])

    def test_a_log_file_that_can_not_be_opened_is_one_line_and_status_1(self):
        self.assert_fails(1, *self.local("--log-file", "/proc/x/log"),
                          names=["[Error] log file /proc/x/log"])

    def test_help_and_version_are_status_0(self):
        self.assertIn("XRAYD_DATA_DIR", run("--help").stdout)
        self.assertRegex(run("--version").stdout, r"(?m)^xrayd \d")

    def test_lines_of_the_log_have_time_and_level_and_go_to_the_file_if_one_is_named(self):
        path = self.directory + "/logs/xrayd.log"
        variables = {**environment(), "XRAYD_LOG_FILE": path, "TZ": "UTC"}
        process = subprocess.Popen([binary(), *self.local()], env=variables,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            wait_until(lambda: os.path.exists(path) and "is receiving" in read(path), 10,
                       lambda: "it did not start")
        finally:
            process.terminate()
            output, _ = process.communicate(timeout=20)
        self.assertEqual((process.returncode, output), (0, b""))
        for line in read(path).splitlines():
            self.assertRegex(line, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \[(Info|Warn)\] \S")

    def test_data_is_its_owners_alone_and_the_log_file_is_not(self):
        log = self.directory + "/xrayd.log"
        data = self.directory + "/data"
        process = subprocess.Popen([binary(), *self.local("--log-file", log, data_dir=data)],
                                   env=environment(), umask=0o022)
        try:
            wait_until(lambda: os.path.exists(log) and "is receiving" in read(log), 10,
                       lambda: "it did not start")
            modes = {name: stat.S_IMODE(os.stat(os.path.join(data, name)).st_mode)
                     for name in os.listdir(data)}
        finally:
            process.terminate()
            process.wait(20)
        self.assertTrue(modes)
        self.assertEqual({mode & 0o077 for mode in modes.values()}, {0}, modes)
        self.assertEqual(stat.S_IMODE(os.stat(data).st_mode), 0o700)
        self.assertEqual(stat.S_IMODE(os.stat(log).st_mode), 0o644)

    def test_ipv6_loopback_is_served(self):
        try:
            with socket.socket(socket.AF_INET6) as probe:
                probe.bind(("::1", 0))
        except OSError:
            self.skipTest("no IPv6 here")
        process = subprocess.Popen(
            [binary(), *self.local("--bind", "[::1]:0", "--bind-tcp", "[::1]:0")],
            env=environment(), stdout=subprocess.PIPE, text=True)
        try:
            line = next(line for line in process.stdout if "is receiving" in line)
            self.assertRegex(line, r"udp \[::1\]:\d+, tcp \[::1\]:\d+")
            with socket.create_connection(("::1", int(line.rsplit(":", 1)[1])), 10) as connection:
                connection.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
                self.assertTrue(connection.recv(100).startswith(b"HTTP/1.1 200"))
        finally:
            process.terminate()
            process.communicate(timeout=20)

    def test_beyond_loopback_the_token_guards_traces_but_neither_udp_nor_health(self):
        token = "integration-token"
        with Xrayd(None, "--bind-tcp", "0.0.0.0:0", "--console-token", token) as xrayd:
            trace_id = new_trace_id()
            with UdpSender(xrayd.udp_port) as sender:
                sender.send(datagram(segment(trace_id)))
            any_host = {"Host": "xray-service.default:2000"}
            self.assertEqual(xrayd.request("GET", "/healthz", headers=any_host)[0], 200)
            self.assertEqual(xrayd.request("POST", "/Traces", "{}", any_host)[0], 401)
            self.assertEqual(xrayd.request("GET", "/", headers=any_host)[0], 401)
            bearer = {**any_host, "Authorization": "Bearer " + token}
            self.assertEqual(xrayd.request("GET", "/", headers=bearer)[0], 200)
            status, headers, _ = xrayd.request("GET", "/?token=" + token, headers=any_host)
            self.assertEqual(status, 303)
            cookie = {**any_host, "Cookie": headers["Set-Cookie"].split(";")[0]}
            self.assertEqual(xrayd.request("GET", "/", headers=cookie)[0], 200)
            self.assertNotIn(token, xrayd.log)


if __name__ == "__main__":
    unittest.main()
