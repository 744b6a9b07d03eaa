"""The daemon's place: takes the documents of programs under test, and checks each of them."""

import json
import pathlib
import socket
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "conformance"))
import check_documents  # noqa: E402

HEADER = {"format": "json", "version": 1}


class Recorder:
    """Documents that arrive by UDP on a free port of loopback; a context manager.

    with Recorder() as recorder:
        subprocess.run(program, env={**os.environ, **recorder.environment()}, ...)
        segment, = recorder.segments(1)
    """

    def __init__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._socket.bind(("127.0.0.1", 0))
        self._validator = check_documents.document_validator()
        self._documents = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def environment(self, **more):
        """Where to send, and that everything is recorded."""
        port = self._socket.getsockname()[1]
        return {"AWS_XRAY_DAEMON_ADDRESS": f"127.0.0.1:{port}", "AWS_XRAY_SAMPLER": "always",
                **more}

    def documents(self, at_least=1, timeout=30):
        """All that has arrived so far: waits until there are as many, in-progress ones aside."""
        end = time.monotonic() + timeout
        while True:
            self._take_what_is_there()
            if sum(not d.get("in_progress") for d in self._documents) >= at_least:
                return list(self._documents)
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f"{len(self._documents)} of {at_least} documents: "
                                     f"{json.dumps(self._documents)[:2000]}")
            self._socket.settimeout(left)
            try:
                self._take(self._socket.recv(1 << 16))
            except TimeoutError:
                pass

    def segments(self, count, timeout=30):
        """The complete segments, which must be `count`, in the order of their beginning."""
        found = [d for d in self.documents(count, timeout)
                 if d.get("type") != "subsegment" and not d.get("in_progress")]
        if len(found) != count:
            raise AssertionError(f"{len(found)} segments instead of {count}: "
                                 f"{[d['name'] for d in found]}")
        return sorted(found, key=lambda d: d["start_time"])

    def forget(self):
        """Drops what has arrived."""
        self._take_what_is_there()
        self._documents.clear()

    def _take_what_is_there(self):
        self._socket.setblocking(False)
        try:
            while True:
                self._take(self._socket.recv(1 << 16))
        except BlockingIOError:
            pass

    def _take(self, datagram):
        header, _, body = datagram.partition(b"\n")
        if json.loads(header) != HEADER:
            raise AssertionError(f"no header: {datagram[:80]!r}")
        document = json.loads(body)
        problems = [e.message for e in self._validator.iter_errors(document)]
        if problems:
            raise AssertionError(f"{problems} in {json.dumps(document)}")
        self._documents.append(document)


def subsegments(entity, name=None):
    """All below an entity, at any depth, in the order of their beginning."""
    found = []
    for child in entity.get("subsegments", []):
        found += [child] + subsegments(child)
    found.sort(key=lambda s: s["start_time"])
    return [s for s in found if name is None or s["name"] == name]
