"""Real servers for tests: each in a folder of its own, on a free port of loopback."""

import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ServiceProcess:
    """Starts a server and waits until it takes connections; a context manager.

    A subclass says how: `command()` with its arguments, maybe `prepare()` before it. Where the
    tests run as root, the server runs as nobody: PostgreSQL and others refuse to be root.
    """

    name = "server"
    stop_signal = signal.SIGTERM

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"xray-{self.name}."))
        self.port = free_port()
        self._process = None
        self._log = None

    def command(self):
        raise NotImplementedError

    def prepare(self):
        """Whatever must be there first."""

    def run(self, *command, **options):
        """A command as the server's user, which must succeed."""
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True,
                              check=False, **self._user(), **options)
        if done.returncode != 0:
            raise AssertionError(f"{command} ended with {done.returncode}:\n"
                                 f"{done.stdout}\n{done.stderr}")
        return done.stdout

    def __enter__(self):
        try:
            if os.geteuid() == 0:
                nobody = pwd.getpwnam("nobody")
                os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
            self.prepare()
            self._log = open(self.folder / "log", "wb")
            self._process = subprocess.Popen(
                self.command(), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=self._log,
                stderr=subprocess.STDOUT, **self._user())
            self._wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self._process is not None:
            self._process.send_signal(self.stop_signal)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._log is not None:
            self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def is_ready(self):
        """Whether it takes connections; subclasses whose first ones fail ask more."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _user(self):
        if os.geteuid() != 0:
            return {}
        return {"user": "nobody", "group": "nogroup", "extra_groups": [],
                "env": {**os.environ, "HOME": str(self.folder)}}

    def _wait_until_ready(self):
        end = time.monotonic() + 60
        while not self.is_ready():
            if self._process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"{self.name} does not start:\n{self.log()}")
            time.sleep(0.05)
