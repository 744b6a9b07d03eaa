"""X-Ray is away, or xrayd is killed: what was sent equals what arrives plus what is counted."""

import collections
import random
import shutil
import tempfile
import unittest

from forwarding_xrayd import ForwardingXrayd, documents
from stand_ins import xray
from stand_ins.xray import XRayStandIn
from test_forwarding import final_books
from xrayd_process import wait_until

# What may be under way, and thus arrive a second time, when the daemon is killed.
MOST_UNDER_WAY = 8 * 50


class Outage(unittest.TestCase):
    def setUp(self):
        self.spool = tempfile.mkdtemp(prefix="xrayd-spool-")
        self.addCleanup(shutil.rmtree, self.spool, ignore_errors=True)

    def wait_for_arrival(self, upstream, count, daemon):
        wait_until(lambda: upstream.document_count() >= count, 60,
                   lambda: f"{upstream.document_count()} of {count}\n{daemon.log[-3000:]}")

    def send_all(self, daemon, sent):
        """In portions that the socket holds, each waited for."""
        before = daemon.metrics().get("xrayd_datagrams_received_total", 0)
        for i in range(0, len(sent), 50):
            daemon.send(sent[i:i + 50])
            daemon.wait_for_metric("xrayd_datagrams_received_total", before + min(i + 50, len(sent)))

    def assert_arrived_once(self, upstream, sent):
        self.assertEqual(upstream.faults, [])
        self.assertEqual(collections.Counter(upstream.documents), collections.Counter(sent))

    def test_nothing_is_lost_while_the_service_refuses_connections(self):
        with XRayStandIn() as upstream, ForwardingXrayd(upstream) as daemon:
            upstream.refuse()
            sent = documents(2000, size=500)
            self.send_all(daemon, sent)
            daemon.wait_for_metric('xrayd_upload_errors_total{class="refused"}', 5)
            status, _, body = daemon.request("GET", "/readyz")
            self.assertEqual(status, 503)
            self.assertIn(b"refused", body.lower())
            self.assertEqual(daemon.books()["waiting"], len(sent))
            upstream.listen()
            self.wait_for_arrival(upstream, len(sent), daemon)
            daemon.stop()
            self.assert_arrived_once(upstream, sent)
            self.assertEqual(final_books(daemon)["xrayd_forward_documents_sent_total"], len(sent))
            self.assertIn("Segments get through again", daemon.log)

    def test_nothing_is_lost_while_the_service_hangs_or_drips(self):
        with XRayStandIn() as upstream, \
                ForwardingXrayd(upstream, "--request-timeout", "150ms") as daemon:
            upstream.next(xray.hang, xray.drip, xray.hang, xray.drip)
            sent = documents(150)
            self.send_all(daemon, sent)
            self.wait_for_arrival(upstream, len(sent), daemon)
            daemon.stop()
            self.assert_arrived_once(upstream, sent)
            self.assertEqual(final_books(daemon)["xrayd_upload_errors_total"], 4)

    def test_without_a_spool_the_oldest_go_first_and_each_is_counted(self):
        with XRayStandIn() as upstream, ForwardingXrayd(upstream, "-m", "3") as daemon:
            upstream.refuse()
            sent = documents(800, size=8000)
            self.send_all(daemon, sent)
            dropped = daemon.books()["dropped"]
            self.assertGreater(dropped, 0)
            upstream.listen()
            self.wait_for_arrival(upstream, len(sent) - dropped, daemon)
            daemon.stop()
            rows = final_books(daemon)
            self.assertEqual(len(upstream.documents) + rows["xrayd_forward_documents_dropped_total"],
                             len(sent))
            self.assertEqual(len(set(upstream.documents)), len(upstream.documents))
            # The newest are there.
            self.assertLessEqual(set(sent[-100:]), set(upstream.documents))

    def test_what_a_stop_leaves_is_in_the_spool_and_sent_by_the_next_start(self):
        with XRayStandIn() as upstream:
            sent = documents(500)
            with ForwardingXrayd(upstream, "--spool-dir", self.spool) as daemon:
                upstream.refuse()
                self.send_all(daemon, sent)
                self.assertEqual(daemon.stop(), 0)
                self.assertRegex(daemon.log, r"500 segments were left: 500 in the spool, 0 dropped")
            upstream.listen()
            with ForwardingXrayd(upstream, "--spool-dir", self.spool) as daemon:
                self.wait_for_arrival(upstream, len(sent), daemon)
                daemon.stop()
                self.assertEqual(final_books(daemon)["xrayd_forward_documents_sent_total"], len(sent))
            self.assert_arrived_once(upstream, sent)

    def test_an_outage_larger_than_the_memory_fits_into_the_spool(self):
        with XRayStandIn() as upstream, \
                ForwardingXrayd(upstream, "-m", "3", "--spool-dir", self.spool) as daemon:
            upstream.refuse()
            sent = documents(1000, size=8000)
            self.send_all(daemon, sent)
            upstream.listen()
            self.wait_for_arrival(upstream, len(sent), daemon)
            daemon.stop()
            self.assert_arrived_once(upstream, sent)
            self.assertEqual(final_books(daemon)["xrayd_forward_documents_dropped_total"], 0)

    def test_what_is_in_the_spool_survives_sigkill_at_any_moment(self):
        chance = random.Random(5)
        sent, kills = [], 0
        with XRayStandIn() as upstream:
            upstream.always = xray.late(0.01)
            for round_number in range(4):
                with ForwardingXrayd(upstream, "--spool-dir", self.spool) as daemon:
                    # An outage, while documents come.
                    upstream.refuse()
                    more = documents(300, 1000 * round_number)
                    self.send_all(daemon, more)
                    sent += more
                    daemon.wait_for_metric("xrayd_spool_documents", 300)
                    daemon.kill()
                upstream.listen()
                with ForwardingXrayd(upstream, "--spool-dir", self.spool) as daemon:
                    # Amid the replay, somewhere.
                    enough = upstream.document_count() + chance.randrange(1, 300)
                    wait_until(lambda: upstream.document_count() >= enough, 20,
                               lambda: f"no replay\n{daemon.log[-3000:]}")
                    daemon.kill()
                    kills += 1
            with ForwardingXrayd(upstream, "--spool-dir", self.spool) as daemon:
                wait_until(lambda: set(upstream.documents) >= set(sent), 20,
                           lambda: f"{len(set(sent) - set(upstream.documents))} are missing\n"
                                   f"{daemon.log[-3000:]}")
                daemon.stop()
            self.assertEqual(upstream.faults, [])
            self.assertEqual(set(upstream.documents), set(sent))
            self.assertLessEqual(len(upstream.documents) - len(sent), kills * MOST_UNDER_WAY)

    def test_a_spool_directory_that_is_removed_costs_only_what_is_counted(self):
        with XRayStandIn() as upstream, \
                ForwardingXrayd(upstream, "--spool-dir", self.spool) as daemon:
            upstream.refuse()
            first = documents(200)
            self.send_all(daemon, first)
            daemon.wait_for_metric("xrayd_spool_documents", 200)
            shutil.rmtree(self.spool)
            second = documents(200, 1000)
            self.send_all(daemon, second)
            upstream.listen()
            wait_until(lambda: daemon.books()["waiting"] == 0, 20, lambda: daemon.log[-3000:])
            daemon.stop()
            rows = final_books(daemon)
            self.assertEqual(len(upstream.documents) + rows["xrayd_forward_documents_dropped_total"], 400)
            self.assertEqual(len(set(upstream.documents)), len(upstream.documents))
            self.assertLessEqual(set(second), set(upstream.documents))

    def test_without_credentials_documents_wait_and_the_log_says_why_once(self):
        with XRayStandIn() as upstream:
            sent = documents(100)
            nothing = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None,
                       "AWS_EC2_METADATA_DISABLED": "true"}
            with ForwardingXrayd(upstream, "--spool-dir", self.spool, variables=nothing) as daemon:
                self.send_all(daemon, sent)
                self.assertEqual(daemon.request("GET", "/readyz")[0], 503)
                daemon.stop()
                self.assertEqual(upstream.requests, [])
                self.assertIn("100 in the spool", daemon.log)
            with ForwardingXrayd(upstream, "--spool-dir", self.spool) as daemon:
                self.wait_for_arrival(upstream, len(sent), daemon)
            self.assert_arrived_once(upstream, sent)


if __name__ == "__main__":
    unittest.main()
