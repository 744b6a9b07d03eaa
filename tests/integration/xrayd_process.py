"""Starts the real xrayd for a test: free ports, a data directory of its own, stopped by pid."""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

HEADER = b'{"format": "json", "version": 1}\n'
START_LINE = re.compile(r"xrayd is receiving on udp (\S+):(\d+), tcp (\S+):(\d+)")


def binary():
    """The program under test, named by the build."""
    return os.environ["XRAYD_BIN"]


def environment():
    """The caller's environment without anything that would configure xrayd."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("XRAYD_", "AWS_"))}


class Xrayd:
    """A running daemon with the local backend; a context manager.

    `data_dir` may be given to start once more on the same store; otherwise a temporary directory
    is made, and removed at the end.
    """

    def __init__(self, bin_path=None, *extra_args, data_dir=None, start_timeout=20):
        bin_path = bin_path or binary()
        self._own_dir = data_dir is None
        self.data_dir = data_dir or tempfile.mkdtemp(prefix="xrayd-test-")
        command = [
            bin_path, "--backend", "local", "--data-dir", self.data_dir,
            "--bind", "127.0.0.1:0", "--bind-tcp", "127.0.0.1:0", *extra_args,
        ]
        self._lines = []
        self._started = threading.Event()
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment())
        self.udp_port = self.tcp_port = None
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        if not self._started.wait(start_timeout) or self.udp_port is None:
            self.kill()
            log = self.log
            self._remove_own_dir()
            raise RuntimeError(f"xrayd did not start:\n{log}")

    def _read_log(self):
        for raw in self.process.stdout:
            line = raw.decode("utf-8", "replace")
            self._lines.append(line)
            match = START_LINE.search(line)
            if match:
                self.udp_port, self.tcp_port = int(match[2]), int(match[4])
                self._started.set()
        self._started.set()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.tcp_port}"

    @property
    def log(self):
        return "".join(self._lines)

    def request(self, method, path, body=None, headers=None, timeout=30):
        """One HTTP exchange: (status, headers, body)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.tcp_port, timeout=timeout)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def call(self, path, **arguments):
        """An X-Ray API operation that must succeed: its answer."""
        status, _, body = self.request(
            "POST", path, json.dumps(arguments), {"Content-Type": "application/json"})
        if status != 200:
            raise AssertionError(f"{path} answered {status}: {body[:500]!r}")
        return json.loads(body)

    def metrics(self):
        """{'xrayd_datagrams_total': 3, 'xrayd_x_total{reason="empty"}': 1}"""
        status, _, body = self.request("GET", "/metrics")
        if status != 200:
            raise AssertionError(f"/metrics answered {status}")
        rows = {}
        for line in body.decode().splitlines():
            if line and not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                rows[name] = int(value)
        return rows

    def wait_for_metric(self, name, least, timeout=15):
        """Waits until the counter is at least `least`; its value."""
        return wait_until(
            lambda: (value := self.metrics().get(name, 0)) >= least and value, timeout,
            lambda: f"{name} stayed below {least}: {self.metrics()}")

    def traces(self, ids, timeout=15):
        """The traces of these ids, once all of them are stored."""
        def found():
            got = []
            for begin in range(0, len(ids), 5):
                got += self.call("/Traces", TraceIds=ids[begin:begin + 5])["Traces"]
            return got if len(got) == len(ids) else None
        return wait_until(found, timeout, lambda: f"not all of {ids} were stored")

    def stop(self, timeout=20):
        """SIGTERM; the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self._wait(timeout)

    def kill(self):
        """SIGKILL; the exit status."""
        if self.process.poll() is None:
            self.process.kill()
        return self._wait(20)

    def _wait(self, timeout):
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        self._reader.join(timeout)
        return status

    def _remove_own_dir(self):
        if self._own_dir:
            shutil.rmtree(self.data_dir, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.stop()
        finally:
            self.process.stdout.close()
            self._remove_own_dir()


def wait_until(condition, timeout, complaint):
    """Calls `condition` until it gives something true; that. Fails after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(complaint())
        time.sleep(0.05)
