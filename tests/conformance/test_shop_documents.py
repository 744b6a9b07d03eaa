"""Every document that the example services put on the wire fits the schema."""

import json
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import threading
import unittest

import check_documents

HEADER = {"format": "json", "version": 1}
BIN = pathlib.Path(os.environ["XRAY_BIN_DIR"])
REQUESTS = 60


class Sink:
    """Takes what would go to a daemon."""

    def __enter__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
        self.datagrams = []
        self.thread = threading.Thread(target=self._take)
        self.thread.start()
        return self

    def _take(self):
        while datagram := self.socket.recv(65_536):
            self.datagrams.append(datagram)

    def finish(self):
        """All datagrams sent before the call: an empty one, sent last, ends the thread."""
        host, port = self.address.split(":")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", (host, int(port)))
        self.thread.join()
        return self.datagrams

    def __exit__(self, *_):
        if self.thread.is_alive():
            self.finish()
        self.socket.close()


class Service:
    """A running example service, ended by SIGTERM."""

    def __init__(self, name, environment, *arguments):
        self.process = subprocess.Popen(
            [BIN / name, "--port", "0", *arguments], env=environment,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        line = self.process.stdout.readline()
        self.address = re.search(r"listening on (\S+)", line)[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.status = self.process.wait(20)
        self.process.stdout.close()


def subsegments(entity):
    """All below an entity, at any depth."""
    for child in entity.get("subsegments", []):
        yield child
        yield from subsegments(child)


class ShopDocumentsTest(unittest.TestCase):
    def test_every_document_of_both_services_fits(self):
        with tempfile.TemporaryDirectory() as folder, Sink() as sink:
            environment = {"PATH": os.environ["PATH"], "AWS_XRAY_DAEMON_ADDRESS": sink.address,
                           "AWS_XRAY_SAMPLER": "always"}
            database = str(pathlib.Path(folder, "inventory.db"))
            with Service("inventory", environment, "--database", database) as inventory:
                url = f"http://{inventory.address}"
                with Service("storefront", environment, "--inventory", url) as front:
                    subprocess.run(
                        [BIN / "shopper", "--storefront", f"http://{front.address}",
                         "--requests", str(REQUESTS), "--rate", "200"],
                        check=True, timeout=120, stdout=subprocess.DEVNULL,
                    )
            datagrams = sink.finish()
        self.assertEqual((inventory.status, front.status), (0, 0))
        self.assertGreater(len(datagrams), REQUESTS, "one a request and one a call were expected")
        validator = check_documents.document_validator()
        recorded = []
        for datagram in datagrams:
            header, _, document = datagram.partition(b"\n")
            self.assertEqual(json.loads(header), HEADER)
            self.assertEqual(check_documents.problems(document, validator), [], document[:2000])
            recorded.append(json.loads(document))
        self.check_calls(recorded)

    def check_calls(self, recorded):
        """The services' code says nothing about their calls: patch_all() does."""
        calls = [call for document in recorded for call in subsegments(document)
                 if call.get("namespace") == "remote"]
        queries = [call for call in calls if "sql" in call]
        self.assertEqual({call["name"] for call in queries}, {"inventory.db"})
        self.assertEqual({call["sql"]["sanitized_query"].split()[0] for call in queries},
                         {"SELECT", "UPDATE"})
        requests = {call["id"]: call for call in calls if "http" in call}
        self.assertEqual({call["name"] for call in requests.values()}, {"127.0.0.1"})
        inventory = [document for document in recorded if document["name"] == "inventory"]
        self.assertEqual(sorted(document["parent_id"] for document in inventory),
                         sorted(requests))


if __name__ == "__main__":
    unittest.main()
