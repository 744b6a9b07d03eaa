"""Runs an example beside a stand-in for the daemon, and looks at what arrives."""

import json
import os
import re
import socket
import subprocess
import threading
import unittest


def run(program):
    """What the program printed, and the documents it sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        daemon.bind(("127.0.0.1", 0))
        daemon.settimeout(0.2)
        documents = []
        ended = threading.Event()

        def receive():
            while True:
                try:
                    raw = daemon.recv(65536)
                except TimeoutError:
                    if ended.is_set():
                        return
                    continue
                documents.append(json.loads(raw.split(b"\n", 1)[1]))

        receiver = threading.Thread(target=receive)
        receiver.start()
        try:
            done = subprocess.run(
                [program], capture_output=True, text=True, timeout=30, check=False,
                env={**os.environ,
                     "AWS_XRAY_DAEMON_ADDRESS": f"127.0.0.1:{daemon.getsockname()[1]}",
                     "AWS_XRAY_SAMPLER": "always"})
        finally:
            ended.set()
            receiver.join()
    return done, documents


def names(entity):
    return sorted(child["name"] for child in entity.get("subsegments", []))


class Example(unittest.TestCase):
    def setUp(self):
        self.done, self.documents = run(os.environ["EXAMPLE_BIN"])
        self.assertEqual(self.done.returncode, 0, self.done.stderr)
        self.assertEqual(self.done.stderr, "")


class Testthreads(Example):
    def test_each_order_has_its_pictures_and_its_invoice(self):
        orders = sorted(self.documents, key=lambda order: order["annotations"]["order"])
        self.assertEqual([order["annotations"]["order"] for order in orders], [1, 2, 3])
        for order, pictures in zip(orders, (3, 2, 6)):
            self.assertEqual(names(order), ["invoice"] + ["shrink"] * pictures)
            self.assertIn(order["trace_id"], self.done.stdout)
        for child in orders[0]["subsegments"]:
            if child["name"] == "shrink":
                self.assertEqual(names(child), ["decode", "encode"])

    def test_the_broken_picture_is_the_fault_of_its_order_alone(self):
        for order in self.documents:
            broken = [child for child in order["subsegments"]
                      if child.get("annotations", {}).get("picture") == "broken.jpg"]
            self.assertEqual(order.get("fault", False), bool(broken))
            for child in broken:
                self.assertTrue(child["fault"])
                self.assertEqual(names(child), ["decode"])


class Testasio(Example):
    def test_each_purchase_is_a_trace_through_both_services(self):
        shops = {document["trace_id"]: document for document in self.documents
                 if document["name"] == "shop"}
        prices = [document for document in self.documents if document["name"] == "prices"]
        self.assertEqual(len(shops), 6)
        self.assertEqual(len(prices), 6)
        # Part of the segment, or on its own where that was over first.
        audits = {document["parent_id"]: document for document in self.documents
                  if document["name"] == "audit"}
        self.assertEqual(len(self.documents), 12 + len(audits))
        for served in prices:
            asked = shops.pop(served["trace_id"])
            self.assertEqual(names(asked), ["prices"])
            self.assertEqual(served["parent_id"], asked["subsegments"][0]["id"])
            audited = [audits[served["id"]]["name"]] if served["id"] in audits else []
            self.assertEqual(sorted(names(served) + audited), ["answer", "audit", "look-up"])
        self.assertEqual(shops, {})


class Testlogs(Example):
    def test_lines_name_the_trace_and_the_segment_they_belong_to(self):
        lines = self.done.stdout.splitlines()
        self.assertEqual(len(lines), 6)
        self.assertNotIn("AWS-XRAY-TRACE-ID", lines[0])
        ids = []
        for line in lines[1:]:
            match = re.search(r"AWS-XRAY-TRACE-ID: (\S+)@(\S+) ", line)
            self.assertTrue(match, line)
            ids.append(match.groups())
        first, second, mail = self.documents
        expected = []
        for order in (first, second):
            expected.append((order["trace_id"], order["id"]))
            expected.append((order["trace_id"], order["subsegments"][0]["id"]))
        expected.append((mail["trace_id"], mail["id"]))
        self.assertEqual(ids, expected)


if __name__ == "__main__":
    unittest.main()
