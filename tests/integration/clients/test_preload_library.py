"""The library itself: what it shows to programs, where it loads, and how it lives with the SDK."""

import os
import pathlib
import re
import subprocess
import unittest

from preloaded import LIBRARY, Preloaded

PROCESS_WIDE = (pathlib.Path(__file__).resolve().parents[3] /
                "sdk/include/xray/impl/process_wide.hpp")
STANDS_BEFORE = {"dlsym", "_exit", "_Exit", "execl", "execle", "execlp", "execv", "execve",
                 "execveat", "execvp", "execvpe", "fexecve", "kill", "posix_spawn", "posix_spawnp",
                 "raise"}


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class LibraryTest(unittest.TestCase):
    def test_shows_nothing_but_what_it_stands_before_and_the_shared_state_of_the_sdk(self):
        block = re.search(r"process_wide_state\[\] = \{(.*?)\};", PROCESS_WIDE.read_text(), re.S)
        state = set(re.findall(r'"(\w+)"', block.group(1)))
        shown = [line.split()[-1] for line in
                 output_of("nm", "-D", "--defined-only", LIBRARY).splitlines()]
        ours = {re.fullmatch(r"_ZN4xray\d+v\d+_\d+6detail\d+(\w+)E", name) for name in shown
                if name not in STANDS_BEFORE}
        self.assertNotIn(None, ours)
        self.assertEqual({match.group(1) for match in ours}, state)
        self.assertEqual(STANDS_BEFORE - set(shown), set())

    def test_needs_no_library_that_a_program_without_cpp_lacks(self):
        needed = set(re.findall(r"NEEDED.*\[(.*)\]", output_of("readelf", "-d", LIBRARY)))
        self.assertLessEqual(needed, {"libc.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2",
                                      "ld-linux-aarch64.so.1"})

    def test_loads_into_any_program_and_says_nothing(self):
        for program in (("/bin/true",), ("/bin/sh", "-c", ":"), ("/bin/bash", "-c", ":"),
                        ("/usr/bin/perl", "-e", "0"), ("/usr/bin/python3", "-c", "import ctypes"),
                        ("/usr/bin/cmake", "--version"), ("/usr/bin/git", "--version")):
            with self.subTest(program), Preloaded() as preloaded:
                done = subprocess.run(program, env=preloaded.environment(), timeout=60,
                                      capture_output=True, text=True, check=False)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                preloaded.recorder.segments(0)

    def test_a_program_with_address_sanitizer_runs_as_without(self):
        with Preloaded() as preloaded:
            preloaded.run(os.environ["SANITIZED_PROGRAM"], "return", status=3)
            segment, = preloaded.recorder.segments(1)
        self.assertEqual(len(segment["subsegments"]), 1)

    def test_a_segment_of_the_programs_own_has_what_is_called_in_it(self):
        with Preloaded() as preloaded:
            preloaded.run(os.environ["PROGRAM"])
            segments = {s["name"]: s for s in preloaded.recorder.segments(2)}
        own = segments.pop("own")
        (name, whole), = segments.items()
        self.assertEqual(name, os.path.basename(os.environ["PROGRAM"]))
        self.assertEqual([len(s["subsegments"]) for s in (own, whole)], [1, 1])


if __name__ == "__main__":
    unittest.main()
