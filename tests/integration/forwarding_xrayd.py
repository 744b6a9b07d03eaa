"""The real xrayd in front of a stand-in of X-Ray."""

import socket
import subprocess
import tempfile
import threading

from stand_ins.xray import ACCESS_KEY, SECRET_KEY
from xrayd_process import HEADER, Xrayd, binary, environment

# Short pauses, so that a test sees many of them.
QUICK = ("--retry-base", "20ms", "--retry-max", "100ms", "--batch-time", "50ms")


class ForwardingXrayd(Xrayd):
    """A running daemon with `--backend aws`; a context manager. `spool_dir` survives it.

    `place` are the options that say where it is; `variables` that are None are not set.
    """

    def __init__(self, upstream, *extra_args, variables=None, start_timeout=20,
                 place=("-n", "us-east-1", "-o")):
        self._own_dir = True
        self.data_dir = tempfile.mkdtemp(prefix="xrayd-forward-")
        command = [binary(), "--backend", "aws", *place, "--endpoint",
                   upstream.url, "-b", "127.0.0.1:0", "-t", "127.0.0.1:0", *QUICK, *extra_args]
        if upstream.ca_file:
            command += ["--ca-bundle", upstream.ca_file]
        given = environment() | {
            "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "HOME": self.data_dir} | (variables or {})
        given = {name: value for name, value in given.items() if value is not None}
        self._lines = []
        self._started = threading.Event()
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=given)
        self.udp_port = self.tcp_port = None
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        if not self._started.wait(start_timeout) or self.udp_port is None:
            self.kill()
            self._remove_own_dir()
            raise RuntimeError(f"xrayd did not start:\n{self.log}")

    def send(self, documents):
        """Each document in a datagram of its own."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.connect(("127.0.0.1", self.udp_port))
            for document in documents:
                sender.send(HEADER + document.encode())

    def books(self):
        """What became of the documents that were accepted: by metrics."""
        rows = self.metrics()

        def total(name):
            return sum(value for row, value in rows.items() if row.partition("{")[0] == name)
        return {
            "sent": total("xrayd_forward_documents_sent_total"),
            "rejected": total("xrayd_forward_documents_rejected_total"),
            "failed": total("xrayd_forward_documents_failed_total"),
            "dropped": total("xrayd_forward_documents_dropped_total"),
            "waiting": total("xrayd_forward_documents_waiting"),
        }


def document(number, size=0):
    """A segment document with an id of its own, of `size` bytes at least."""
    text = ('{"trace_id":"1-5f84c7a1-%024x","id":"%016x","name":"test","start_time":1,"end_time":2'
            % (number, number))
    room = size - len(text) - len(',"filler":""}')
    if room > 0:
        text += ',"filler":"' + "x" * room + '"'
    return text + "}"


def documents(count, first=0, size=0):
    return [document(number, size) for number in range(first, first + count)]
