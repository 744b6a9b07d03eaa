"""Our samplers, in a process of their own that can be asked."""

import os
import pathlib
import subprocess


class Deciding:
    """A running deciding_program; a context manager."""

    def __init__(self, *arguments):
        program = pathlib.Path(os.environ["XRAY_BIN_DIR"], "deciding_program")
        self.process = subprocess.Popen(
            [program, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, number=1, service="", host="", method="", path=""):
        """How many of so many requests were sampled, and the last one's rule."""
        self.process.stdin.write("\t".join([str(number), service, host, method, path]) + "\n")
        self.process.stdin.flush()
        sampled, rule = self.process.stdout.readline().rstrip("\n").split("\t")
        return int(sampled), rule

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()
