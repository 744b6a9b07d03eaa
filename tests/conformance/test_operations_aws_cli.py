"""Debian's AWS CLI asks every operation that it knows the least, the most and what is refused.

Its main program is called within this process: starting it anew for each of some two hundred
commands would take minutes.
"""

import contextlib
import io
import json
import os
import pathlib
import sys
import tempfile
import unittest

import operations
from xrayd_process import Xrayd

# What it checks itself would never be refused by the service.
CONFIGURATION = "[default]\nregion = us-east-1\nparameter_validation = false\ncli_pager =\n"
REFUSED = 254


class Operations(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        home = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        (home / "config").write_text(CONFIGURATION, encoding="utf-8")
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        os.environ |= {"HOME": str(home), "AWS_CONFIG_FILE": str(home / "config"),
                       "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
                       "AWS_EC2_METADATA_DISABLED": "true"}
        from awscli import botocore, clidriver  # reads the environment
        cls.name_of = staticmethod(botocore.xform_name)
        cls.driver = clidriver.create_clidriver()
        cls.known = cls.driver.session.get_service_model("xray").operation_names
        cls.xrayd = cls.enterClassContext(Xrayd())
        cls.cases = operations.cases(cls.xrayd.url)

    def ask(self, operation, arguments):
        """Exit status, standard output and standard error."""
        command = ["xray", self.name_of(operation, "-"), "--endpoint-url", self.xrayd.url,
                   "--output", "json", "--no-paginate", "--cli-input-json", json.dumps(arguments)]
        # The CLI writes bytes where it can.
        output = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        errors = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
            status = self.driver.main(command)
        texts = []
        for stream in (output, errors):
            stream.flush()
            texts.append(stream.buffer.getvalue().decode())
        return status, *texts

    def answer(self, operation, arguments):
        status, output, errors = self.ask(operation, arguments)
        self.assertEqual(status, 0, errors)
        return json.loads(output) if output else {}

    def asked(self):
        return (case for case in self.cases if case.operation in self.known)

    def test_the_least_the_most_and_what_is_refused(self):
        for case in self.asked():
            with self.subTest(case.operation, asked="least"):
                if case.least is not None:
                    self.answer(case.operation, case.least)
            with self.subTest(case.operation, asked="most"):
                if case.most is not None:
                    answer = self.answer(case.operation, without_news(case.most))
                    expected = without_news(case.answer)
                    self.assertEqual(operations.differences(expected, answer), [])
            for refusal in case.refusals:
                with self.subTest(case.operation, error=refusal.error, words=refusal.words):
                    for path, arguments in refusal.fill:
                        self.xrayd.request("POST", path, json.dumps(arguments))
                    status, _, errors = self.ask(case.operation, refusal.input)
                    self.assertEqual(status, REFUSED, errors)
                    self.assertIn(f"({refusal.error}) when calling the {case.operation} operation",
                                  errors)
                    self.assertIn(refusal.words, errors)

    def test_it_knows_most_operations(self):
        asked = {case.operation for case in self.cases}
        self.assertEqual(set(self.known) - asked, set())
        self.assertGreaterEqual(len(self.known), 30)


def without_news(value):
    """Without members that are newer than the CLI."""
    if isinstance(value, list):
        return [without_news(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    return {name: without_news(member) for name, member in value.items()
            if name not in ("SamplingRateBoost", "SamplingBoostStatisticsDocuments")}


if __name__ == "__main__":
    unittest.main()
