"""What xrayd makes of datagrams that are not what they should be."""

import json
import time
import unittest

from segments import UdpSender, datagram, new_trace_id, segment
from xrayd_process import HEADER, Xrayd

SECRET = "payload-that-must-not-be-logged"
REFUSED = 'xrayd_datagrams_refused_total{reason="%s"}'
REJECTED = 'xrayd_documents_rejected_total{reason="%s"}'


def without(name, **members):
    document = segment(**members)
    del document[name]
    return document


class BadDatagrams(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.xrayd = cls.enterClassContext(Xrayd())
        cls.sender = cls.enterClassContext(UdpSender(cls.xrayd.udp_port))

    def assert_counted_and_harmless(self, counter, raw):
        before = self.xrayd.metrics().get(counter, 0)
        trace_id = new_trace_id()
        self.sender.send(raw)
        self.sender.send(datagram(segment(trace_id)))
        self.xrayd.wait_for_metric(counter, before + 1)
        self.assertEqual(self.xrayd.traces([trace_id])[0]["Id"], trace_id)
        self.assertEqual(self.xrayd.metrics()[counter], before + 1)
        self.assertNotIn(SECRET, self.xrayd.log)

    def test_no_header_line_is_counted_and_the_next_one_is_stored(self):
        self.assert_counted_and_harmless(REFUSED % "missing_header", SECRET.encode())

    def test_a_wrong_header_is_counted_and_the_next_one_is_stored(self):
        for header in (b"garbage\n", b'{"format":"json","version":2}\n', b"\n",
                       SECRET.encode() + b"\n"):
            with self.subTest(header):
                self.assert_counted_and_harmless(
                    REFUSED % "bad_header", header + SECRET.encode())

    def test_an_empty_datagram_is_counted_and_the_next_one_is_stored(self):
        self.assert_counted_and_harmless(REFUSED % "empty", b"")

    def test_a_header_without_a_body_is_counted_and_the_next_one_is_stored(self):
        self.assert_counted_and_harmless(REFUSED % "empty_body", HEADER)

    def test_the_largest_datagram_of_garbage_is_counted_and_the_next_one_is_stored(self):
        body = (SECRET * 3000).encode()
        self.assert_counted_and_harmless(
            REJECTED % "not_json", HEADER + body[:65507 - len(HEADER)])

    def test_a_document_that_fills_the_largest_datagram_is_stored(self):
        trace_id = new_trace_id()
        document = segment(trace_id, metadata={"default": {"padding": ""}})
        room = 65507 - len(datagram(document))
        document["metadata"]["default"]["padding"] = "x" * room
        raw = datagram(document)
        self.assertEqual(len(raw), 65507)
        self.sender.send(raw)
        stored = self.xrayd.traces([trace_id])[0]["Segments"][0]["Document"]
        self.assertIn("x" * room, stored)

    def test_what_is_not_json_is_counted_and_the_next_one_is_stored(self):
        for body in (SECRET, '{"name":"' + SECRET, '{"a":1}{"b":"' + SECRET + '"}', "{'a':1}"):
            with self.subTest(body):
                self.assert_counted_and_harmless(
                    REJECTED % "not_json", datagram(body.encode()))

    def test_a_document_that_is_no_object_is_counted_and_the_next_one_is_stored(self):
        for body in ("[]", "1", "null", f'"{SECRET}"'):
            with self.subTest(body):
                self.assert_counted_and_harmless(
                    REJECTED % "not_an_object", datagram(body.encode()))

    def test_nesting_32000_deep_is_counted_and_the_next_one_is_stored(self):
        for opening, closing in ((b"[", b"]"), (b'{"":', b"}")):
            depth = 32000 if opening == b"[" else 10000
            with self.subTest(opening):
                self.assert_counted_and_harmless(
                    REJECTED % "too_deep", datagram(opening * depth + b"1" + closing * depth))

    def test_unclosed_nesting_is_counted_and_the_next_one_is_stored(self):
        self.assert_counted_and_harmless(REJECTED % "too_deep", datagram(b"[" * 65000))

    def test_what_is_not_utf8_is_counted_and_the_next_one_is_stored(self):
        document = datagram(segment(name="X")).replace(b'"X"', b'"\xff\xfe"')
        self.assert_counted_and_harmless(REJECTED % "not_utf8", document)

    def test_missing_members_are_counted_by_their_names_and_the_next_one_is_stored(self):
        for member, reason in (("id", "missing_id"), ("name", "missing_name"),
                               ("trace_id", "missing_trace_id"),
                               ("start_time", "missing_start_time"),
                               ("end_time", "missing_end_time")):
            with self.subTest(member):
                self.assert_counted_and_harmless(
                    REJECTED % reason, datagram(without(member, metadata={"a": {"b": SECRET}})))

    def test_refusals_are_in_the_log_with_sender_size_and_reason(self):
        self.sender.send(SECRET.encode())
        self.xrayd.wait_for_metric(REFUSED % "missing_header", 1)
        self.assertRegex(self.xrayd.log, r"\[Warn\] datagram of \d+ bytes from 127\.0\.0\.1:\d+ "
                                         r"refused: \w+")

    def test_rejected_documents_are_in_the_log_with_size_and_reason(self):
        body = SECRET.encode()
        before = self.xrayd.metrics().get(REJECTED % "not_json", 0)
        time.sleep(1.1)  # what other tests sent may have used up this second's lines
        self.sender.send(datagram(body))
        self.xrayd.wait_for_metric(REJECTED % "not_json", before + 1)
        self.assertRegex(self.xrayd.log,
                         rf"\[Warn\] document of {len(body)} bytes refused: not_json")
        self.assertNotIn(SECRET, self.xrayd.log)

    def test_a_flood_of_bad_documents_is_counted_in_full_and_logged_in_part(self):
        before = self.xrayd.metrics().get(REJECTED % "missing_id", 0)
        logged = self.xrayd.log.count("document of")
        for _ in range(300):
            self.sender.send(datagram(b"{}"))
        self.xrayd.wait_for_metric(REJECTED % "missing_id", before + 300)
        self.assertLess(self.xrayd.log.count("document of") - logged, 100)

    def test_halves_of_surrogate_pairs_are_stored_and_read_back_as_utf8(self):
        for escape in ("\\ud83d", "\\udc00", "\\ud83d\\ud83d"):
            with self.subTest(escape):
                trace_id = new_trace_id()
                text = json.dumps(segment(trace_id, user="cut@")).replace("@", escape)
                self.sender.send(datagram(text.encode()))
                trace = self.xrayd.traces([trace_id])[0]
                document = json.loads(trace["Segments"][0]["Document"])
                self.assertEqual(document["user"], "cut" + "\ufffd" * escape.count("u"))

    def test_a_flood_of_bad_datagrams_is_counted_in_full_and_logged_in_part(self):
        before = self.xrayd.metrics().get(REFUSED % "missing_header", 0)
        for _ in range(500):
            self.sender.send(SECRET.encode())
        self.xrayd.wait_for_metric(REFUSED % "missing_header", before + 500)
        self.assertLess(self.xrayd.log.count("refused"), 200)

    @classmethod
    def tearDownClass(cls):
        status = cls.xrayd.stop()
        if status != 0:
            raise AssertionError(f"xrayd ended with {status}:\n{cls.xrayd.log}")


if __name__ == "__main__":
    unittest.main()
