"""Shared config files read by Debian's botocore and by us, alike but where we mean to differ."""

import os
import random
import tempfile
import unittest

import botocore.configloader
from botocore.exceptions import ConfigParseError

from aws_program import ask

FILES = [
    "",
    "\n\n# only a comment\n",
    "[default]\nregion = us-east-1\n",
    "[default]\nregion=us-east-1\noutput: json\n",
    "[default]\r\nregion = eu-west-1\r\n\r\n[profile x]\r\nrole_arn = arn:aws:iam::1:role/r\r\n",
    "[profile a]\nsource_profile=b\n[profile b]\naws_access_key_id = AKID\n",
    "[profile 'two words']\nregion = a\n[profile \"q\\\"uote\"]\nregion = b\n",
    "[profile   spaced  ]\nregion = a\n[profile]\nregion = b\n[profile a b]\nregion = c\n",
    "[profile 'open]\nregion = a\n[other]\nk = v\n",
    "[sso-session s]\nsso_region = us-east-1\n[services x]\nxray =\n  endpoint_url = http://h\n",
    "[default]\ns3 =\n  max = 1\n  min=2 = 3\n\n  after = blank\nregion = x\n",
    "[default]\ns3 =\n\n\nregion = x\n",
    "[default]\ns3 =\n  no equals\n",
    "[default]\nlong = first\n   second\n\tthird\n\n   fourth\n",
    "[default]\n  indented = 1\n    more\n  sibling = 2\nback = 3\n",
    "[default]\n   # comment inside\nkey = v\n   # comment in a value\n   rest\n  ; semicolon\n   end\n",
    "[default]\nKEY = v\nMixed_Case=Q\n",
    "[default]\nkey=\nother=   \n",
    "[default]\nkey = a=b:c\nkey2 : a=b\n",
    "[default]\n= nothing\n",
    "[default]\nno delimiter here\n",
    "key = before any section\n",
    "  \n  key = x\n",
    "[]\nkey = v\n",
    "[a]]\nkey = v\n[b] trailing ]\nkey = v\n",
    "[open\nkey = v\n",
    "[default] junk\nkey = v\n",
    "[default]\nkey = \u00e9\u20ac \U0001f600\n[profile \u00fc]\nk = v\n",
    "[default]\n\tregion = tabbed\n\t\tdeeper\n",
    "[default]\nlast = no newline",
    "[default]\nk = v\n\n\n\n",
    "[default]\nk = v\n   \n\t\n",
    "   [indented]\n  k = v\n   [x]\nq = r\n",
    "[default]\nk = [not a section]\n[k] = v\n",
    "[default]\na = 1\n[other]\n  continued = from nothing\n",
]
PIECES = ["[default]\n", "[profile a{n}]\n", "[s{n}]\n", "key{n} = value\n", "key{n}=\n", "  sub{n} = 1\n",
          "\tdeep{n}: x\n", "   more words\n", "# comment\n", "  ; comment\n", "\n", "   \n", "k{n}:v=w\n",
          "    far = in\n", "word\n", "= x\n", "[\n", "x] = 1\n"]


def random_file(source):
    text = ""
    for number in range(source.randrange(12)):
        # Each name once: what is there twice is an error there and none here.
        piece = source.choice(PIECES)
        if piece not in text:
            text += piece.replace("{n}", str(number))
    return text


class ProfilesTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.directory = cls.enterClassContext(tempfile.TemporaryDirectory())

    def botocore(self, text):
        path = os.path.join(self.directory, "config")
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        try:
            sections = botocore.configloader.raw_config_parse(path)
            profiles = sorted(botocore.configloader.build_profile_map(sections)["profiles"])
        except ConfigParseError:
            return None
        return sections, profiles

    def compare(self, texts):
        read = refused = 0
        for text, answer in zip(texts, ask("profiles", [{"text": text} for text in texts])):
            expected = self.botocore(text)
            with self.subTest(text=text):
                if expected is None:
                    refused += 1
                    self.assertRegex(answer.get("error", "none"), r"^config:\d+: ")
                else:
                    read += 1
                    self.assertNotIn("error", answer)
                    self.assertEqual(answer["sections"], expected[0])
                    self.assertEqual(sorted(answer["profiles"]), expected[1])
        return read, refused

    def test_files_by_hand(self):
        read, refused = self.compare(FILES)
        self.assertGreater(read, 20)
        self.assertGreater(refused, 5)

    def test_random_files(self):
        source = random.Random(11)
        read, refused = self.compare([random_file(source) for _ in range(1500)])
        self.assertGreater(read, 200)
        self.assertGreater(refused, 200)

    def test_what_is_meant_to_differ(self):
        questions = [
            {"text": "\ufeff[default]\nk = v\n"},
            {"text": "[a]\nk = 1\nj = 1\n[a]\nk = 2\n"},
            {"text": "[a]\nk = v # comment\nl = v#none\ncredential_process = sh -c 'x ;y'\n"},
        ]
        bom, twice, comment = ask("profiles", questions)
        self.assertEqual(bom["sections"], {"default": {"k": "v"}})
        self.assertEqual(twice["sections"], {"a": {"k": "2", "j": "1"}})
        self.assertEqual(
            comment["sections"],
            {"a": {"k": "v", "l": "v#none", "credential_process": "sh -c 'x ;y'"}},
        )


if __name__ == "__main__":
    unittest.main()
