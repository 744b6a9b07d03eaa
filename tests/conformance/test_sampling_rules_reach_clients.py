"""Two processes of ours sample by the rules of one xrayd, made and read with Debian's AWS CLI."""

import json
import os
import subprocess
import tempfile
import time
import unittest

from deciding import Deciding
from xrayd_process import Xrayd, wait_until

AWS = "/usr/bin/aws"
RULES_MS, TARGETS_MS = "300", "200"


def rule(name, **members):
    return {"RuleName": name, "Priority": 100, "FixedRate": 0, "ReservoirSize": 0,
            "ServiceName": "*", "ServiceType": "*", "Host": "*", "HTTPMethod": "*", "URLPath": "*",
            "ResourceARN": "*", "Version": 1} | members


class SamplingTest(unittest.TestCase):
    def setUp(self):
        self.home = self.enterContext(tempfile.TemporaryDirectory())
        self.xrayd = self.enterContext(Xrayd(None, "--sampling-interval", "1"))
        self.cli("update-sampling-rule", "--sampling-rule-update",
                 json.dumps({"RuleName": "Default", "FixedRate": 0, "ReservoirSize": 0}))

    def cli(self, *arguments):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        environment |= {"HOME": self.home, "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": ""}
        done = subprocess.run(
            [AWS, "xray", *arguments, "--endpoint-url", self.xrayd.url, "--region", "us-east-1",
             "--output", "json", "--no-sign-request"],
            env=environment, capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def create(self, name, **members):
        self.cli("create-sampling-rule", "--sampling-rule", json.dumps(rule(name, **members)))

    def client(self):
        client = self.enterContext(
            Deciding("central", f"127.0.0.1:{self.xrayd.tcp_port}", RULES_MS, TARGETS_MS))
        client.ask()
        return client

    def test_a_rule_reaches_both_and_decides_and_its_statistics_add_up(self):
        clients = [self.client(), self.client()]
        request = {"service": "shop", "host": "shop.example", "method": "POST", "path": "/cart/7"}
        for client in clients:
            self.assertEqual(client.ask(20, **request)[0], 0)

        self.create("cart", FixedRate=1, HTTPMethod="post", URLPath="/cart/?", Host="*.example")
        for client in clients:
            wait_until(lambda: client.ask(1, **request) == (1, "cart"), 5,
                       lambda: "the rule did not arrive")
            self.assertEqual(client.ask(1, **request | {"path": "/cart/77"})[0], 0)
            self.assertEqual(client.ask(1, **request | {"method": "GET"})[0], 0)

        # What is counted from here on, in whatever shares it is reported.
        label = '{rule="cart"}'
        requests, sampled = f"xrayd_sampling_requests_total{label}", f"xrayd_sampling_sampled_total{label}"
        before = self.settled(requests)
        for client in clients:
            self.assertEqual(client.ask(500, **request)[0], 500)
        self.xrayd.wait_for_metric(requests, before[requests] + 1000)
        after = self.settled(requests)
        self.assertEqual(after[requests] - before[requests], 1000)
        self.assertEqual(after[sampled] - before[sampled], 1000)

        summaries = self.cli("get-sampling-statistic-summaries")["SamplingStatisticSummaries"]
        self.assertEqual(
            sum(s["RequestCount"] for s in summaries if s["RuleName"] == "cart"), after[requests])

        self.cli("delete-sampling-rule", "--rule-name", "cart")
        for client in clients:
            wait_until(lambda: client.ask(1, **request)[0] == 0, 5, lambda: "the rule stayed")

    def settled(self, name):
        """The counters, once they have stopped growing."""
        def same():
            first = self.xrayd.metrics()
            time.sleep(1.5)
            return first if self.xrayd.metrics().get(name) == first.get(name) else None
        return wait_until(same, 20, lambda: f"{name} goes on growing")

    def test_a_reservoir_is_shared(self):
        clients = [self.client(), self.client()]
        self.create("shared", ReservoirSize=10)
        # Both report, so that the daemon knows of both, and get their shares.
        deadline = time.monotonic() + 6
        while time.monotonic() < deadline:
            for client in clients:
                client.ask(5, service="shop")
            time.sleep(0.05)
        begin = time.time()
        sampled = [0, 0]
        while time.time() < begin + 4:
            for index, client in enumerate(clients):
                sampled[index] += client.ask(20, service="shop")[0]
            time.sleep(0.01)
        # 10 a second for both together; a second that was only just begun counts in full.
        seconds = int(time.time()) - int(begin) + 1
        self.assertLessEqual(sum(sampled), 10 * seconds)
        self.assertGreaterEqual(sum(sampled), 10 * (seconds - 2))
        for share in sampled:
            self.assertLessEqual(share, 5 * seconds)
            self.assertGreaterEqual(share, 5 * (seconds - 2))

    def test_requests_go_on_while_the_daemon_is_away_and_it_is_found_again(self):
        self.create("all", FixedRate=1)
        client = self.client()
        wait_until(lambda: client.ask(1)[0] == 1, 5, lambda: "the rule did not arrive")
        port, data_dir = self.xrayd.tcp_port, self.xrayd.data_dir
        self.assertEqual(self.xrayd.kill(), -9)
        for _ in range(20):
            self.assertEqual(client.ask(10)[0], 10)  # the last good rules
            time.sleep(0.05)
        with Xrayd(None, "--bind-tcp", f"127.0.0.1:{port}", data_dir=data_dir) as again:
            answer = again.call("/GetSamplingRules")
            self.assertEqual([r["SamplingRule"]["RuleName"] for r in answer["SamplingRuleRecords"]],
                             ["all", "Default"])
            again.call("/UpdateSamplingRule", SamplingRuleUpdate={"RuleName": "all", "FixedRate": 0})
            wait_until(lambda: client.ask(1)[0] == 0, 20, lambda: "the daemon was not found again")


if __name__ == "__main__":
    unittest.main()
