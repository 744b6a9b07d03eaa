"""Plays Lambda: its Runtime API over HTTP, and the daemon that stands beside the function."""

import http.server
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

ROOT = "1-5759e988-bd862e3fe1be46a994272793"
PARENT = "53995c3f42cd8ad8"
SAMPLED = f"Root={ROOT};Parent={PARENT};Sampled=1;Lineage=a87bd80c:1|68fd508a:5"
UNSAMPLED = f"Root={ROOT};Parent={PARENT};Sampled=0;Lineage=a87bd80c:1|68fd508a:5"
PASS_THROUGH = f"Root={ROOT};Lineage=a87bd80c:1|68fd508a:5"
SENDER = "Root=1-5759e9a0-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=%d"
NEXT = "/2018-06-01/runtime/invocation/next"


def event(*orders):
    """An event of SQS; an order is its body, or (body, sampled)."""
    records = []
    for number, order in enumerate(orders):
        body, sampled = order if isinstance(order, tuple) else (order, 1)
        attributes = {} if sampled is None else {"AWSTraceHeader": SENDER % sampled}
        records.append({"messageId": f"m-{number}", "body": body, "attributes": attributes})
    return json.dumps({"Records": records})


class Daemon:
    """A UDP socket, read only when asked: what a sender has sent is in it by then."""

    def __init__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.address = "127.0.0.1:%d" % self._socket.getsockname()[1]

    def documents(self):
        result = []
        while True:
            try:
                raw = self._socket.recv(1 << 16)
            except BlockingIOError:
                return result
            result.append(json.loads(raw.split(b"\n", 1)[1]))

    def close(self):
        self._socket.close()


class Outcome:
    """What the function answered, and what the daemon had by the time it did."""

    def __init__(self, path, body, documents):
        self.path = path
        self.body = json.loads(body)
        self.documents = documents
        self.at = time.time()


class Lambda:
    """The service, with one sandbox."""

    def __init__(self):
        self.daemon = Daemon()
        self._invocations = queue.Queue()
        self._outcomes = queue.Queue()
        self._waiting = threading.Semaphore(0)
        self._number = 0
        self.seen = []
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):  # pylint: disable=invalid-name
                service.seen.append((self.path, dict(self.headers)))
                if self.path != NEXT:
                    self.answer(404, b"{}")
                    return
                service._waiting.release()
                invocation = service._invocations.get()
                if invocation is None:
                    self.close_connection = True
                    return
                headers, payload = invocation
                self.answer(200, payload.encode(), headers)

            def do_POST(self):  # pylint: disable=invalid-name
                service.seen.append((self.path, dict(self.headers)))
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outcome = Outcome(self.path, body, service.daemon.documents())
                self.answer(202, b'{"status":"OK"}')
                service._outcomes.put(outcome)

            def answer(self, status, body, headers=()):
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, request, client_address):
                # At the end of a test the function is killed, whatever it is doing.
                if not isinstance(sys.exc_info()[1], ConnectionError):
                    super().handle_error(request, client_address)

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.folder = tempfile.TemporaryDirectory(prefix="xray-lambda-")
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(("AWS_", "_X_AMZN"))}
        environment.update(
            LAMBDA_TASK_ROOT=self.folder.name,
            AWS_LAMBDA_RUNTIME_API="127.0.0.1:%d" % self._server.server_address[1],
            AWS_XRAY_DAEMON_ADDRESS=self.daemon.address,
            AWS_XRAY_CONTEXT_MISSING="LOG_ERROR")
        self.function = subprocess.Popen(  # pylint: disable=consider-using-with
            [os.environ["EXAMPLE_BIN"]], env=environment, cwd=self.folder.name,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def wait_until_ready(self):
        """Until the function has asked for an invocation, as often as it was given one and once."""
        if not self._waiting.acquire(timeout=20):  # pylint: disable=consider-using-with
            raise AssertionError("the function does not ask for an invocation")

    def send(self, payload, trace=None):
        self._number += 1
        headers = [("Lambda-Runtime-Aws-Request-Id", f"request-{self._number}"),
                   ("Lambda-Runtime-Deadline-Ms", "1542409706888")]
        if trace is not None:
            headers.append(("Lambda-Runtime-Trace-Id", trace))
        self._invocations.put((headers, payload))
        return f"request-{self._number}"

    def outcome(self):
        return self._outcomes.get(timeout=20)

    def invoke(self, payload, trace=None):
        self.wait_until_ready()
        request = self.send(payload, trace)
        outcome = self.outcome()
        assert f"/{request}/" in outcome.path, outcome.path
        return outcome

    def close(self):
        """Ends everything; what the function wrote to standard error."""
        self.function.terminate()
        _, errors = self.function.communicate(timeout=20)
        self._invocations.put(None)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self.daemon.close()
        self.folder.cleanup()
        return errors


class LambdaTest(unittest.TestCase):
    def setUp(self):
        self.service = Lambda()
        self.errors = None
        self.addCleanup(self.close)

    def close(self):
        if self.errors is None:
            self.errors = self.service.close()
        return self.errors

    def assert_independent(self, document, root=ROOT, parent=PARENT):
        self.assertEqual(document["type"], "subsegment")
        self.assertEqual(document["trace_id"], root)
        self.assertEqual(document["parent_id"], parent)
        self.assertRegex(document["id"], r"^[0-9a-f]{16}$")
        self.assertNotEqual(document["id"], parent)
        self.assertLessEqual(document["start_time"], document["end_time"])

    def test_subsegments_of_a_sampled_invocation_are_all_there_before_it_is_answered(self):
        outcome = self.service.invoke(event("lamp", "teapot"), SAMPLED)
        self.assertTrue(outcome.path.endswith("/response"), outcome.path)
        self.assertEqual([document["name"] for document in outcome.documents], ["handle-order"] * 2)
        for number, document in enumerate(outcome.documents):
            self.assert_independent(document)
            self.assertEqual(document["annotations"], {"message": f"m-{number}"})
            [call] = document["subsegments"]
            self.assertEqual((call["name"], call["namespace"]), ("inventory", "remote"))
            self.assertEqual(
                outcome.body[number],
                f"Root={ROOT};Parent={document['id']};Sampled=1;Lineage=a87bd80c:1|68fd508a:5")
        self.service.wait_until_ready()
        self.assertEqual(self.service.daemon.documents(), [], "something came after the answer")
        self.assertEqual(self.close(), "")

    def test_an_unsampled_invocation_sends_nothing_and_tells_others(self):
        outcome = self.service.invoke(event("lamp"), UNSAMPLED)
        self.assertEqual(outcome.documents, [])
        self.assertEqual(outcome.body, [UNSAMPLED])

    def test_pass_through_sends_nothing_and_hands_the_header_on_as_it_came(self):
        outcome = self.service.invoke(event("lamp"), PASS_THROUGH)
        self.assertEqual(outcome.documents, [])
        self.assertEqual(outcome.body, [PASS_THROUGH])
        outcome = self.service.invoke(event("lamp"))
        self.assertEqual((outcome.documents, outcome.body), ([], [""]))
        self.assertEqual(self.close(), "")

    def test_each_invocation_has_its_own_trace(self):
        for number in range(5):
            root = f"1-5759e98{number}-bd862e3fe1be46a994272793"
            parent = f"53995c3f42cd8ad{number}"
            sampled = number % 2
            outcome = self.service.invoke(
                event("lamp"), f"Root={root};Parent={parent};Sampled={sampled}")
            self.assertEqual(len(outcome.documents), sampled)
            for document in outcome.documents:
                self.assert_independent(document, root, parent)
            self.assertIn(f"Root={root};", outcome.body[0])

    def test_messages_are_recorded_as_their_senders_are(self):
        outcome = self.service.invoke(event(("lamp", 1), ("teapot", 0), ("clock", None)), SAMPLED)
        [document] = outcome.documents
        self.assertEqual(document["annotations"]["message"], "m-0")
        self.assertIn("Sampled=1", outcome.body[0])
        for header in outcome.body[1:]:
            self.assertRegex(
                header, rf"^Root={ROOT};Parent=[0-9a-f]{{16}};Sampled=0;"
                        r"Lineage=a87bd80c:1\|68fd508a:5$")

    def test_a_subsegment_that_leaks_into_the_next_invocation_is_dropped(self):
        first = self.service.invoke(event("lamp", "leave-open"), SAMPLED)
        self.assertEqual([document["annotations"]["message"] for document in first.documents],
                         ["m-0", "m-1"])
        root = "1-6759e988-ad862e3fe1be46a994272794"
        second = self.service.invoke(event("leave-open", "teapot"),
                                     f"Root={root};Parent={PARENT};Sampled=1")
        names = [document["name"] for document in second.documents]
        self.assertNotIn("left open", names)
        self.assertIn("handle-order", names)
        for document in second.documents:
            self.assertEqual(document["trace_id"], root)
        self.assertIn("earlier invocation", self.close())

    def test_the_error_of_a_handler_is_reported_once_its_subsegments_have_left(self):
        outcome = self.service.invoke(event("lamp", "out-of-stock", "teapot"), SAMPLED)
        self.assertTrue(outcome.path.endswith("/error"), outcome.path)
        self.assertEqual(outcome.body["errorMessage"], "nothing left of it")
        good, bad = outcome.documents
        self.assertNotIn("fault", good)
        self.assertTrue(bad["fault"])
        self.assertEqual(bad["cause"]["exceptions"][0]["message"], "nothing left of it")
        again = self.service.invoke(event("lamp"), SAMPLED)
        self.assertTrue(again.path.endswith("/response"), again.path)
        self.assertEqual(len(again.documents), 1)

    def test_the_time_a_sandbox_was_frozen_is_in_no_document(self):
        self.service.invoke(event("lamp"), SAMPLED)
        self.service.wait_until_ready()
        for _ in range(2):
            os.kill(self.service.function.pid, signal.SIGSTOP)
            time.sleep(2)
            self.service.send(event("teapot"), SAMPLED)
            thawed = time.time()
            os.kill(self.service.function.pid, signal.SIGCONT)
            outcome = self.service.outcome()
            [document] = outcome.documents
            for entity in (document, document["subsegments"][0]):
                # A millisecond, for the clocks are read one after the other.
                self.assertGreater(entity["start_time"], thawed - 0.001)
                self.assertLess(entity["end_time"], outcome.at + 0.001)
            self.service.wait_until_ready()

    def test_the_runtimes_own_calls_are_not_traced(self):
        self.service.invoke(event("lamp"), SAMPLED)
        self.service.wait_until_ready()
        self.assertGreaterEqual(len(self.service.seen), 3)
        for path, headers in self.service.seen:
            self.assertNotIn("x-amzn-trace-id", {name.lower() for name in headers}, path)
        self.assertEqual(self.close(), "")


if __name__ == "__main__":
    unittest.main()
