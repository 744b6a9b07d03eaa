"""Debian's git over HTTP: the program that fetches is another one than git, and part of its trace."""

import subprocess
import tempfile
import unittest

from preloaded import Preloaded
from recorder import subsegments
from web_server import WebServer

MAKE_REPOSITORIES = """
    cd "$1"
    export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=ann GIT_AUTHOR_EMAIL=ann@example.org
    export GIT_COMMITTER_NAME=ann GIT_COMMITTER_EMAIL=ann@example.org
    for name in part whole; do
      git init --quiet --initial-branch=main made-$name
      echo $name >made-$name/file
      git -C made-$name add file
      if [ $name = whole ]; then
        git -C made-whole -c protocol.file.allow=always submodule --quiet add ../part part
      fi
      git -C made-$name commit --quiet --message=first
      git clone --quiet --bare made-$name $name
      git -C $name update-server-info
    done
    chmod -R a+rX .
"""


class GitTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = WebServer()
        cls.enterClassContext(cls.server)
        subprocess.run(["sh", "-ec", MAKE_REPOSITORIES, "sh", str(cls.server.files)], check=True)

    def clone(self, preloaded, name, *arguments):
        with tempfile.TemporaryDirectory(prefix="xray-git.") as folder:
            preloaded.run("/usr/bin/git", "clone", "--quiet", *arguments,
                          f"{self.server.url}/{name}", folder + "/clone",
                          environment={"GIT_CONFIG_GLOBAL": "/dev/null"})
            with open(folder + "/clone/file", encoding="ascii") as file:
                self.assertEqual(file.read(), name + "\n")

    def test_every_request_of_a_clone_is_recorded_and_carries_the_trace(self):
        seen = len(self.server.requests())
        with Preloaded() as preloaded:
            self.clone(preloaded, "part")
            segment, = preloaded.recorder.segments(1)
        self.assertEqual(segment["name"], "git-remote-http")
        requests = self.server.requests()[seen:]
        self.assertGreater(len(requests), 3)
        self.assertEqual({request["trace"] for request in requests},
                         {f"Root={segment['trace_id']};Parent={call['id']};Sampled=1"
                          for call in subsegments(segment)})

    def test_all_processes_of_one_git_are_one_trace(self):
        with Preloaded() as preloaded:
            self.clone(preloaded, "whole", "--recurse-submodules")
            segments = preloaded.recorder.segments(2)
        self.assertEqual([s["name"] for s in segments], ["git-remote-http"] * 2)
        self.assertEqual(len({s["trace_id"] for s in segments}), 1)
        self.assertEqual(len({s["metadata"]["process"]["pid"] for s in segments}), 2)

    def test_git_goes_on_in_the_trace_of_who_called_it(self):
        trace, parent = "1-5759e988-bd862e3fe1be46a994272793", "53995c3f42cd8ad8"
        with Preloaded(_X_AMZN_TRACE_ID=f"Root={trace};Parent={parent};Sampled=1") as preloaded:
            self.clone(preloaded, "part")
            segment, = preloaded.recorder.segments(1)
        self.assertEqual((segment["trace_id"], segment["parent_id"]), (trace, parent))


if __name__ == "__main__":
    unittest.main()
