"""Segment documents for tests."""

import json
import os
import socket
import time

from xrayd_process import HEADER


def new_trace_id():
    return f"1-{int(time.time()):08x}-{os.urandom(12).hex()}"


def segment(trace_id=None, name="integration", **members):
    """A complete segment as the recording API sends it."""
    now = time.time()
    return {"trace_id": trace_id or new_trace_id(), "id": os.urandom(8).hex(), "name": name,
            "start_time": now - 0.25, "end_time": now, **members}


def datagram(document):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return HEADER + body


class UdpSender:
    """Sends raw datagrams to a daemon; a context manager."""

    def __init__(self, port):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        self._to = ("127.0.0.1", port)

    def send(self, raw):
        self._socket.sendto(raw, self._to)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()
