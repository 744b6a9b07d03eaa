"""What the stand-ins of AWS's services share: an HTTP server on 127.0.0.1 that fails on command."""

import http.server
import json
import socket
import struct
import threading
import time


class Request:
    """A request as it came."""

    def __init__(self, handler, body):
        self.method = handler.command
        self.path = handler.path
        self.headers = handler.headers
        self.body = body

    def __repr__(self):
        return f"{self.method} {self.path}"


class Answer:
    """A status, a body (bytes, text, or what becomes JSON), and headers."""

    def __init__(self, status, body=b"", headers=None):
        if not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        self.status = status
        self.body = body.encode() if isinstance(body, str) else body
        self.headers = headers or {}


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    wbufsize = 1 << 16  # an answer is one segment on the wire, not a line each

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.service.serve(self, Request(self, body))

    do_GET = do_PUT = do_POST = handle_any

    def log_message(self, *_):
        """Nothing: tests look at `requests`."""

    def date_time_string(self, timestamp=None):
        return super().date_time_string(
            (timestamp or time.time()) + self.server.service.clock_offset)


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 64

    def handle_error(self, *_):
        """Clients may go at any time."""


class Service:
    """A context manager. Subclasses answer requests in `answer`.

    `requests` are those seen so far. `clock_offset`, in seconds, is how far its clock is ahead of
    ours: the Date header shows it.
    """

    def __init__(self):
        self.requests = []
        self.clock_offset = 0
        self._lock = threading.Lock()
        self._faults = []
        self._ended = threading.Event()
        self._server = None
        self._thread = None
        self.port = 0
        self.come_up()

    def come_up(self):
        """Listens (again), on the same port each time."""
        self._server = _Server(("127.0.0.1", self.port), _Handler)
        self._server.service = self
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def go_down(self):
        """Connections are refused from here on."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def fail_with(self, fault, times=None, path=""):
        """The next `times` requests (all, if None) whose path begins so end badly.

        `fault` is a status, an Answer, or one of `hang` (nothing comes), `cut` (half an answer),
        `reset`, `garbage` (no HTTP), `empty` (200 without a body), `drip` (a byte now and then).
        """
        with self._lock:
            self._faults.append([fault, times, path])

    def be_well(self):
        """Forgets all faults."""
        with self._lock:
            self._faults.clear()

    def count(self, method, path=""):
        """How many requests there were of a method and below a path."""
        with self._lock:
            return sum(r.method == method and r.path.startswith(path) for r in self.requests)

    def answer(self, request):
        raise NotImplementedError

    def serve(self, handler, request):
        with self._lock:
            self.requests.append(request)
            fault = self._take_fault(request.path)
        if fault is None:
            self._write(handler, self.answer(request))
        elif isinstance(fault, Answer):
            self._write(handler, fault)
        elif isinstance(fault, int):
            self._write(handler, Answer(fault, {"code": "Injected", "message": "on command"}))
        else:
            handler.close_connection = True
            getattr(self, "_" + fault)(handler)

    def _take_fault(self, path):
        for fault in self._faults:
            kind, times, prefix = fault
            if not path.startswith(prefix):
                continue
            if times is not None:
                fault[1] -= 1
                if fault[1] == 0:
                    self._faults.remove(fault)
            return kind
        return None

    @staticmethod
    def _write(handler, answer):
        handler.send_response(answer.status)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(answer.body)))
        handler.end_headers()
        handler.wfile.write(answer.body)

    def _hang(self, _):
        self._ended.wait(60)

    @staticmethod
    def _cut(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"Acc")

    @staticmethod
    def _reset(handler):
        handler.connection.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    @staticmethod
    def _garbage(handler):
        handler.wfile.write(b"\x16\x03\x01 this is no HTTP\r\n\r\n" * 20)

    @staticmethod
    def _empty(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    def _drip(self, handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        handler.wfile.flush()
        for _ in range(1000):
            if self._ended.wait(0.1):
                return
            handler.wfile.write(b" ")
            handler.wfile.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._ended.set()
        self.go_down()
