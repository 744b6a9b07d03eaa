"""What scripts know of Amazon's daemon, asked of the real program: words, statuses, streams."""

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import unittest

from xrayd_process import binary, environment, wait_until

STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
DOCS = "Please refer to AWS X-Ray Documentation for more information."
MIGRATE = "Use X-Ray Daemon Config Migration Script to update the config file. " + DOCS


class Contract(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="xrayd-test-")
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def run_it(self, *arguments, program=None, **variables):
        return subprocess.run(
            [program or binary(), *arguments], capture_output=True, text=True, timeout=20,
            cwd=self.directory, env={**environment(), "TZ": "UTC", **variables})

    def file(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def read(self, name):
        try:
            with open(os.path.join(self.directory, name), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def test_the_version_has_the_line_that_scripts_compare_and_then_ours(self):
        link = os.path.join(self.directory, "xray")
        os.symlink(binary(), link)
        for flag in ("-v", "--v", "-version", "--version", "-v=true"):
            for program in (None, link):
                with self.subTest(flag, program=program):
                    result = self.run_it(flag, program=program)
                    self.assertEqual((result.returncode, result.stderr), (0, ""))
                    first, second = result.stdout.splitlines()
                    self.assertEqual(first, "AWS X-Ray daemon version: 3.6.6")
                    self.assertRegex(second, r"^xrayd \d+\.\d+\.\d+$")

    def test_help_is_on_standard_output(self):
        for flag in ("-h", "--help"):
            result = self.run_it(flag)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertTrue(result.stdout.startswith("Usage: X-Ray [options]\n"))
            for short, long in (("a", "resource-arn"), ("o", "local-mode"), ("m", "buffer-memory"),
                                ("n", "region"), ("b", "bind"), ("t", "bind-tcp"),
                                ("r", "role-arn"), ("c", "config"), ("f", "log-file"),
                                ("l", "log-level"), ("p", "proxy-address"), ("v", "version"),
                                ("h", "help")):
                self.assertRegex(result.stdout, r"\n\t-%s\t--%s[ \t]" % (short, long))

    def test_wrong_flags_are_status_2_in_the_known_words(self):
        for arguments, words, usage in (
                (("-badflag",), "flag provided but not defined: -badflag\n", True),
                (("--badflag=1",), "flag provided but not defined: -badflag\n", True),
                (("-m",), "flag needs an argument: -m\n", True),
                (("-m", "abc"), 'invalid value "abc" for flag -m: parse error', False),
                (("-o", "true"), 'unexpected argument "true"\n', True),
                (("-l", "loud"), 'invalid value "loud" for flag -l: parse error', False)):
            with self.subTest(arguments):
                result = self.run_it(*arguments)
                self.assertEqual(result.returncode, 2)
                self.assertTrue(result.stderr.startswith(words), result.stderr)
                self.assertEqual(result.stdout.startswith("Usage: X-Ray [options]\n"), usage)

    def test_a_bad_cfg_yaml_is_status_1_and_the_exact_words_on_standard_error_and_in_the_log(self):
        cases = (
            ("", "Config Version Setting is not correct. " + MIGRATE),
            ("Version: 3\n", "Config Version Setting is not correct. " + MIGRATE),
            ("Region: us-east-1\n", "Config Version is missing. " + MIGRATE),
            ("Version: 1\nFoo: 1\n", "Foo flag is invalid. " + DOCS),
            ("Version: 2\nSocket:\n  Foo: 1\n", "Socket.Foo flag is invalid. " + DOCS),
            ("Version: 2\nSocket:\n", "Socket flag is invalid. " + DOCS),
            ("Version: 2\nSocket:\n  BufferSizeKB: 64\n",
             "Socket.BufferSizeKB flag is not supported any more. " + DOCS),
            ("Version: 2\nMemoryLimit: 5\n", "MemoryLimit flag is not supported. " + MIGRATE),
            ("Version: 2\nTotalBufferSizeMB: 2\n",
             "Not enough Buffers Memory Allocated. Min Buffers Memory required: 3 MB."),
            ("Version: 2\nTotalBufferSizeMB: abc\n",
             "Error occur when using config flag: yaml: unmarshal errors:\n"
             "  line 2: cannot unmarshal !!str `abc` into int"),
        )
        expected_log = ""
        for text, words in cases:
            with self.subTest(text):
                path = self.file("bad.yaml", text)
                result = self.run_it("-c", path, "-f", "logs/xray.log")
                self.assertEqual((result.returncode, result.stdout), (1, ""))
                self.assertRegex(result.stderr, "^" + STAMP + r" \[Error\] " + re.escape(words))
                self.assertIn(path, result.stderr)
                expected_log += result.stderr
                self.assertEqual(self.read("logs/xray.log"), expected_log)

    def test_a_cfg_yaml_that_is_not_there_is_named(self):
        result = self.run_it("--config=/nonexistent.yaml")
        self.assertEqual(result.returncode, 1)
        self.assertRegex(
            result.stderr,
            "^" + STAMP + r" \[Error\] Error occur when using config flag: "
            r"open /nonexistent\.yaml: no such file or directory\n$")

    def test_an_endpoint_without_scheme_is_status_1(self):
        path = self.file("bad.yaml", "Version: 2\nEndpoint: xray.example:443\n")
        result = self.run_it("-c", path)
        self.assertEqual(result.returncode, 1)
        self.assertIn("[Error] unable to parse xray endpoint: ", result.stderr)

    def test_too_little_memory_is_status_1(self):
        result = self.run_it("-m", "2")
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, STAMP + r" \[Error\] Not enough Buffers Memory Allocated\. "
                         r"Min Buffers Memory required: 3 MB\.\n")

    def test_without_c_the_working_directorys_file_is_read_unless_the_systems_is_there(self):
        systems = "/etc/amazon/xray/cfg.yaml"
        self.file("cfg.yaml", "Concurrency: 3\nFoo: 1\n")
        result = self.run_it("check-config")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        expected = systems if os.path.exists(systems) else "cfg.yaml"
        self.assertRegex(result.stdout, r"\n--config +%s  " % re.escape(expected))
        if expected == "cfg.yaml":
            self.assertRegex(result.stdout, r"\n--concurrency +3  \(cfg\.yaml: line 1\)\n")
            self.assertIn("\nwarning: line 2 of cfg.yaml: Foo flag is invalid", result.stdout)

    def test_a_bad_file_that_nobody_asked_for_does_not_matter_when_another_is_named(self):
        self.file("cfg.yaml", "Region: [\n")
        good = self.file("good.yaml", "Version: 1\nRegion: eu-west-1\n")
        result = self.run_it("--check-config", "-c", good)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertRegex(result.stdout, r"\n--region +eu-west-1 ")

    def test_check_config_shows_no_secret(self):
        result = self.run_it("--check-config", "--console-token", "secret-1234",
                             "-p", "http://user:pass@proxy.example:3128/?q=1")
        self.assertEqual(result.returncode, 0)
        self.assertRegex(result.stdout, r"--proxy-address +http://\*+@proxy\.example:3128/  ")
        for secret in ("secret-1234", "user:", "pass@", "q=1"):
            self.assertNotIn(secret, result.stdout + result.stderr)

    def test_cfg_yaml_alone_runs_a_daemon_with_a_log_in_json(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.1", 0))
            free_port = taken.getsockname()[1]
        self.file("cfg.yaml", f"""
Version: 2
Backend: local
Socket:
  UDPAddress: 127.0.0.1:{free_port}
  TCPAddress: 127.0.0.1:0
Local:
  DataDirectory: {self.directory}/data
Logging:
  LogPath: new/folder/xray.log
  Format: json
""")
        process = subprocess.Popen(
            [binary(), "-c=cfg.yaml"], cwd=self.directory, env={**environment(), "TZ": "XYZ-5:30"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            wait_until(lambda: "xrayd is receiving" in self.read("new/folder/xray.log"), 15,
                       lambda: "it did not start: " + self.read("new/folder/xray.log"))
        finally:
            process.terminate()
            output, _ = process.communicate(timeout=20)
        self.assertEqual((process.returncode, output), (0, b""))
        lines = [json.loads(line) for line in self.read("new/folder/xray.log").splitlines()]
        self.assertIn("Using configuration cfg.yaml", [line["message"] for line in lines])
        self.assertTrue(any(f"udp 127.0.0.1:{free_port}," in line["message"] for line in lines))
        for line in lines:
            self.assertEqual(set(line), {"time", "level", "message"})
            self.assertRegex(line["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+05:30$")

    def test_sighup_begins_a_new_log_file_where_the_old_one_was_moved_away(self):
        process = subprocess.Popen(
            [binary(), "--backend", "local", "--data-dir", self.directory + "/data", "-f",
             "xray.log", "-b", "127.0.0.1:0", "-t", "127.0.0.1:0"],
            cwd=self.directory, env=environment())
        try:
            wait_until(lambda: "xrayd is receiving" in self.read("xray.log"), 15,
                       lambda: "it did not start")
            os.rename(os.path.join(self.directory, "xray.log"),
                      os.path.join(self.directory, "xray.log.moved"))
            process.send_signal(signal.SIGHUP)
            wait_until(lambda: os.path.exists(os.path.join(self.directory, "xray.log")), 15,
                       lambda: "there is no new file")
        finally:
            process.terminate()
            process.wait(20)
        self.assertEqual(process.returncode, 0)
        self.assertIn("xrayd is receiving", self.read("xray.log.moved"))
        self.assertNotIn("terminated", self.read("xray.log.moved"))
        self.assertIn("stopped", self.read("xray.log"))
        self.assertNotIn("xrayd is receiving", self.read("xray.log"))


if __name__ == "__main__":
    unittest.main()
