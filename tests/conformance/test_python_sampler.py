"""AWS's own SDK for Python, with the same local rules, decides as ours does.

Debian's version reads rules of version 1 alone, and matches the method with the service's pattern:
so the rules ask for paths only.
"""

import itertools
import json
import pathlib
import tempfile
import unittest

from aws_xray_sdk.core.sampling.default_sampler import DefaultSampler

from deciding import Deciding


def rule(path, rate):
    return {"service_name": "*", "http_method": "*", "url_path": path, "fixed_target": 0,
            "rate": rate}


RULES = {
    "version": 1,
    "rules": [rule("/ping", 0), rule("/ORDERS/*", 1), rule("/?/*x*", 1), rule("/b*", 0),
              rule("*.gif", 0), rule("/**/end?", 0)],
    "default": {"fixed_target": 0, "rate": 1},
}
PATHS = ["/ping", "/PING", "/ping/", "/orders/", "/orders/7", "/orders", "/a/x", "/a/yxz", "/ab/x",
         "/a/", "/", "/b", "/bx/x", "/b/x", "/p.gif", "/p.gif.gif", "/p.gi", "/x/y/end1", "/x/end12"]


class PythonSamplerTest(unittest.TestCase):
    def test_both_decide_alike(self):
        theirs = DefaultSampler(RULES)
        decisions = set()
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "rules.json")
            file.write_text(json.dumps(RULES), encoding="utf-8")
            with Deciding("rules", str(file)) as ours:
                for method, path in itertools.product(["GET", "POST"], PATHS):
                    expected = theirs.should_trace("shop", method, path)
                    sampled, _ = ours.ask(1, service="shop", host="shop", method=method, path=path)
                    self.assertEqual(sampled == 1, expected, (method, path))
                    decisions.add(expected)
        self.assertEqual(decisions, {True, False})


if __name__ == "__main__":
    unittest.main()
