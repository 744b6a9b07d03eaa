"""The check of answers against shapes finds what is wrong with them."""

import unittest

from answer_shapes import TIMESTAMP, ListOf, MapOf, Structure, Text, faults

SHAPE = Structure(
    {"Id": Text(1, 4, pattern="[a-z]+"), "Kind": Text(values=["A", "B"]), "Count": int,
     "Rate": float, "On": bool, "At": TIMESTAMP, "Rows": ListOf(Structure({"X": int}), 0, 2),
     "Words": MapOf(Text())},
    ("Id",))


class AnswerShapes(unittest.TestCase):
    def test_good_answers_have_no_faults(self):
        for answer in ({"Id": "a"},
                       {"Id": "abcd", "Kind": "A", "Count": 3, "Rate": 1, "On": False, "At": 1.5,
                        "Rows": [{"X": 1}, {}], "Words": {"k": "v"}},
                       {"Id": "a", "Kind": None, "Rows": None, "Count": None}):
            self.assertEqual(faults(SHAPE, answer), [])

    def test_each_fault_is_found(self):
        for member, value in (
                ("Id", None), ("Id", ""), ("Id", "abcde"), ("Id", "A"), ("Id", 1), ("Kind", "C"),
                ("Count", 1.5), ("Count", "1"), ("Count", True), ("Rate", "0.5"), ("Rate", False),
                ("On", 0), ("On", "true"), ("At", "2026-01-01T00:00:00Z"), ("At", -1), ("At", 1e15),
                ("Rows", {}), ("Rows", [{}, {}, {}]), ("Rows", [{"X": "1"}]), ("Rows", [None]),
                ("Rows", [{"Y": 1}]), ("Words", []), ("Words", {"k": 1}), ("Other", 1),
                ("Other", None)):
            with self.subTest(member, value=value):
                self.assertEqual(len(faults(SHAPE, {"Id": "a", member: value})), 1)

    def test_other_things_are_no_structures(self):
        for answer in (None, [], "x", 1):
            self.assertEqual(len(faults(SHAPE, answer)), 1)


if __name__ == "__main__":
    unittest.main()
