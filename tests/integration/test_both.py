"""`--backend both`: what is forwarded is kept here, too, and sampling is AWS's as long as it answers."""

import json
import unittest

from forwarding_xrayd import ForwardingXrayd
from segments import segment
from stand_ins import xray
from stand_ins.xray import XRayStandIn
from xrayd_process import wait_until


class Both(unittest.TestCase):
    def setUp(self):
        self.upstream = self.enterContext(XRayStandIn())
        self.daemon = ForwardingXrayd(self.upstream, "--backend", "both",
                                      "--drain-timeout", "500ms")
        self.enterContext(self.daemon)

    def test_a_segment_is_stored_and_forwarded(self):
        sent = [segment() for _ in range(20)]
        self.daemon.send(json.dumps(document) for document in sent)
        wait_until(lambda: len(self.upstream.documents) == 20, 10, lambda: self.daemon.log)
        self.daemon.traces([document["trace_id"] for document in sent])
        self.assertEqual(self.upstream.faults, [])
        rows = self.daemon.metrics()
        self.assertEqual(rows["xrayd_forward_documents_sent_total"], 20)
        self.assertEqual(rows["xrayd_documents_stored_total"], 20)

    def test_each_figure_has_one_help_line(self):
        _, _, body = self.daemon.request("GET", "/metrics")
        names = [line.split()[2] for line in body.decode().splitlines()
                 if line.startswith("# HELP")]
        self.assertEqual(len(names), len(set(names)), sorted(names))

    def test_what_can_not_be_forwarded_is_stored_all_the_same(self):
        self.upstream.always = xray.status(500)
        one = segment()
        self.daemon.send([json.dumps(one)])
        self.daemon.traces([one["trace_id"]])

    def test_sampling_rules_are_aws_s_and_the_store_s_while_it_is_away(self):
        def rules():
            return self.daemon.request("POST", "/GetSamplingRules", "{}")
        wait_until(lambda: rules()[0] == 200 and self.upstream.requests, 10,
                   lambda: self.daemon.log)
        self.assertEqual(rules()[2], b"{}")
        self.upstream.refuse()
        status, _, body = rules()
        self.assertEqual(status, 200)
        self.assertEqual(json.loads(body)["SamplingRuleRecords"][0]["SamplingRule"]["RuleName"],
                         "Default")

    def test_other_operations_are_answered_here(self):
        self.assertEqual(self.daemon.call("/TraceSummaries", StartTime=1, EndTime=2)
                         ["TraceSummaries"], [])


if __name__ == "__main__":
    unittest.main()
