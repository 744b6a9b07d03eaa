"""Programs that know nothing of traces, run with the library that traces them."""

import os
import signal
import subprocess

from recorder import Recorder

LIBRARY = os.environ.get("PRELOAD", "")


def take_interrupts():
    """Test runs in the background of a shell have them ignored, which programs would inherit."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Preloaded:
    """Runs programs under the library and takes their documents; a context manager."""

    def __init__(self, **environment):
        self.recorder = Recorder()
        self._more = environment

    def __enter__(self):
        self.recorder.__enter__()
        return self

    def __exit__(self, *problem):
        self.recorder.__exit__(*problem)

    def environment(self, **more):
        inherited = {k: v for k, v in os.environ.items() if k != "_X_AMZN_TRACE_ID"}
        return {**inherited, **self.recorder.environment(), "LD_PRELOAD": LIBRARY, **self._more,
                **more}

    def run(self, *command, status=0, environment=None, **options):
        """Runs to its end, which must be with this status; gives its standard output."""
        done = subprocess.run(command, env=self.environment(**(environment or {})), check=False,
                              capture_output=True, text=True, timeout=60, **options)
        if done.returncode != status:
            raise AssertionError(f"{command} ended with {done.returncode}:\n"
                                 f"{done.stdout}\n{done.stderr}")
        return done.stdout

    def start(self, *command, **more):
        """Starts a program and waits for its first line."""
        process = subprocess.Popen(command, env=self.environment(**more), text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   preexec_fn=take_interrupts)
        line = process.stdout.readline()
        if line != "ready\n":
            process.kill()
            raise AssertionError(line + process.communicate()[0])
        return process


def parent_of(segment):
    """Trace and parent, to compare with the segment that should be it."""
    return segment["trace_id"], segment.get("parent_id")


def as_parent(segment):
    return segment["trace_id"], segment["id"]
