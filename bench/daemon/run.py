#!/usr/bin/env python3
"""Measures daemons that take the Go daemon's flags: what they lose, and what they cost.

    bench/daemon/run.py [--bin=build/release/bin] [--quick] [--only=rates,bursts,...]
    ANCHOR=/path/to/another/daemon bench/daemon/run.py

Each figure is of a daemon that was started for it, and is taken for xrayd and then for the anchor before
the next one. The programs bench_tls_sink and bench_sender must lie beside xrayd. Prints Markdown.
"""

import argparse
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request

RATES = [1_000, 5_000, 10_000, 30_000]
LADDER = [5_000, 10_000, 14_000, 20_000, 30_000, 40_000, 60_000, 80_000, 100_000, 125_000, 150_000,
          200_000]
PARTS = ["rates", "highest", "bursts", "start", "stop"]
TICKS = os.sysconf("SC_CLK_TCK")
DIRECT = urllib.request.build_opener(
    urllib.request.ProxyHandler({}),
    urllib.request.HTTPSHandler(context=ssl._create_unverified_context()))


def harness_priority():
    """The harness must not be what is measured: it goes first where that is allowed."""
    try:
        os.nice(-10)
    except OSError:
        pass


def free_port():
    """A port that is free for TCP and for UDP."""
    while True:
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            port = tcp.getsockname()[1]
            try:
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class Sink:
    def __init__(self, directory, folder, *options):
        self.process = subprocess.Popen(
            [f"{directory}/bench_tls_sink", f"--dir={folder}", *options],
            stdout=subprocess.PIPE, text=True, preexec_fn=harness_priority)
        self.port = int(self.process.stdout.readline().split()[-1])

    def totals(self):
        with DIRECT.open(f"https://127.0.0.1:{self.port}/totals", timeout=10) as answer:
            return json.load(answer)

    def documents(self):
        return self.totals()["documents"]

    def close(self):
        self.process.terminate()
        self.process.wait(10)


class Daemon:
    """A daemon that uploads to a sink; `local` is -o, which keeps it from asking EC2."""

    def __init__(self, program, sink, folder, local=True):
        self.port = free_port()
        config = f"{folder}/cfg.yaml"
        with open(config, "w") as file:
            file.write(f"Version: 2\nEndpoint: https://127.0.0.1:{sink.port}\nNoVerifySSL: true\n")
        address = f"127.0.0.1:{self.port}"
        command = [program, *(["-o"] if local else []), "-n", "us-east-1", "-b", address,
                   "-t", address, "-l", "warn", "-c", config]
        environment = {"PATH": os.environ["PATH"], "HOME": folder, "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
                       "AWS_SECRET_ACCESS_KEY": "anExampleOfAKey"}
        self.log = open(f"{folder}/daemon.log", "w+")
        self.begun = time.monotonic()
        self.process = subprocess.Popen(command, env=environment, stdout=self.log, stderr=self.log)
        self.bound = self._wait(lambda: self.queue() is not None, "it does not listen")

    def _wait(self, condition, complaint, patience=30.0):
        """Seconds since the start at which the condition held."""
        while not condition():
            if self.process.poll() is not None or time.monotonic() - self.begun > patience:
                self.log.seek(0)
                sys.exit(f"{self.process.args[0]}: {complaint}\n{self.log.read()[-2000:]}")
            time.sleep(0.0002)
        return time.monotonic() - self.begun

    def _socket_line(self):
        wanted = f"0100007F:{self.port:04X}"
        with open("/proc/net/udp") as file:
            for line in file:
                fields = line.split()
                if fields[1] == wanted:
                    return fields
        return None

    def queue(self):
        """Bytes that wait in the socket; None if there is no socket."""
        fields = self._socket_line()
        return None if fields is None else int(fields[4].split(":")[1], 16)

    def drops(self):
        fields = self._socket_line()
        return 0 if fields is None else int(fields[-1])

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self):
        """Resident now and at most, in MB."""
        with open(f"/proc/{self.process.pid}/status") as file:
            text = file.read()
        return tuple(int(re.search(rf"{name}:\s+(\d+)", text)[1]) / 1024 for name in ("VmRSS", "VmHWM"))

    def wait_until_reading(self):
        """Seconds from the start until a first datagram has been read from the socket."""
        with socket.socket(type=socket.SOCK_DGRAM) as client:
            client.connect(("127.0.0.1", self.port))
            client.send(b'{"format": "json", "version": 1}\n{"first": true}')
        return self._wait(lambda: self.queue() == 0, "it reads nothing")

    def stop(self):
        """Seconds that SIGTERM took, or None if it had to be killed."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
            seconds = time.monotonic() - begun
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            seconds = None
        self.log.close()
        return seconds


class Bench:
    def __init__(self, directory, folder):
        self.directory = directory
        self.folder = folder

    def send(self, daemon, **options):
        """What the sender says: sent, failed, seconds."""
        arguments = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
        output = subprocess.run(
            [f"{self.directory}/bench_sender", f"--port={daemon.port}", *arguments], check=True,
            stdout=subprocess.PIPE, text=True, preexec_fn=harness_priority).stdout
        return {name: float(value) for name, value in re.findall(r"(\w+)=([\d.]+)", output)}

    @staticmethod
    def settle(sink, wanted, patience=30.0):
        """Waits until that many documents came, or none has come for 4 s."""
        last, since = -1, time.monotonic()
        begun = since
        while time.monotonic() - begun < patience:
            now = sink.documents()
            if now >= wanted:
                return now
            if now != last:
                last, since = now, time.monotonic()
            elif time.monotonic() - since > 4:
                break
            time.sleep(0.1)
        return last

    def measure(self, program, **options):
        """One run against a fresh daemon and sink."""
        sink = Sink(self.directory, self.folder)
        try:
            daemon = Daemon(program, sink, self.folder)
            daemon.wait_until_reading()
            self.settle(sink, 1)
            before = daemon.cpu()
            sent = self.send(daemon, **options)
            drops = daemon.drops()
            delivered = self.settle(sink, sent["sent"] + 1 - drops) - 1
            drops = daemon.drops()
            result = {"sent": int(sent["sent"]), "received": int(sent["sent"]) - drops,
                      "delivered": delivered, "drops": drops,
                      "per_second": sent["sent"] / max(sent["seconds"], 1e-9),
                      "cpu": (daemon.cpu() - before) * 100_000 / max(delivered, 1),
                      "rss": daemon.memory()}
            daemon.stop()
            return result
        finally:
            sink.close()


def title(text, *columns):
    print(f"\n### {text}\n\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}", flush=True)


def row(*values):
    print("| " + " | ".join(str(value) for value in values) + " |", flush=True)


def rates(bench, daemons, quick):
    title("Paced, documents of 1 KB", "a second", "daemon", "sent", "received", "delivered",
          "kernel drops", "CPU s / 100k", "resident MB, now / at most")
    for rate in RATES:
        count = rate * 3 if quick else max(20_000, min(rate * 10, 200_000))
        for name, program in daemons:
            got = bench.measure(program, rate=rate, count=count)
            row(f"{rate:,}", name, got["sent"], got["received"], got["delivered"], got["drops"],
                f"{got['cpu']:.2f}", f"{got['rss'][0]:.1f} / {got['rss'][1]:.1f}")


def highest(bench, daemons, quick):
    """The highest rate at which no document of two runs is lost."""
    title("Highest rate without loss", "daemon", "a second", "lost at the next")

    def lost_at(program, rate):
        worst = 0
        for _ in range(1 if quick else 2):
            got = bench.measure(program, rate=rate, count=min(rate * 3, 300_000))
            if got["per_second"] < 0.9 * rate:
                return None
            worst = max(worst, got["sent"] - got["delivered"])
        return worst

    for name, program in daemons:
        good, bad, lost = 0, None, 0
        for rate in LADDER:
            lost = lost_at(program, rate)
            if lost is None or lost > 0:
                bad = rate
                break
            good = rate
        for _ in range(0 if quick or bad is None or lost is None else 2):
            middle = (good + bad) // 2
            now = lost_at(program, middle)
            if now == 0:
                good = middle
            else:
                bad, lost = middle, now
        if bad is None:
            text = "none was tried"
        elif lost is None:
            text = f"the sender does not reach {bad:,}"
        else:
            text = f"{lost:,} at {bad:,}"
        row(name, f"{good:,}", text)


def bursts(bench, daemons, quick):
    title("Bursts, back to back, 20 ms between them", "burst", "daemon", "sent", "delivered",
          "lost %")
    for burst, size in ((200, 1024), (1000, 1024), (200, 8192)):
        count = burst * (5 if quick else 50)
        for name, program in daemons:
            got = bench.measure(program, burst=burst, size=size, count=count)
            share = 100 * (got["sent"] - got["delivered"]) / got["sent"]
            row(f"{burst:,} x {size // 1024} KB", name, got["sent"], got["delivered"], f"{share:.2f}")


def start(bench, daemons, quick):
    title("Start", "daemon", "flags", "socket bound, ms", "first datagram read, ms")
    for local in (True, False):
        for name, program in daemons:
            times = []
            for _ in range(1 if quick else 5):
                sink = Sink(bench.directory, bench.folder)
                daemon = Daemon(program, sink, bench.folder, local)
                times.append((daemon.bound, daemon.wait_until_reading()))
                daemon.stop()
                sink.close()
            bound, reading = (sorted(column)[len(times) // 2] * 1000 for column in zip(*times))
            row(name, "-o -n" if local else "-n", f"{bound:.1f}", f"{reading:.1f}")


def stop(bench, daemons, quick):
    """SIGTERM while the last documents are still under way."""
    title("SIGTERM under load (10,000 a second until then)", "daemon", "sent", "kernel drops before",
          "delivered", "lost", "seconds")
    for name, program in daemons:
        sink = Sink(bench.directory, bench.folder)
        daemon = Daemon(program, sink, bench.folder)
        daemon.wait_until_reading()
        sent = bench.send(daemon, rate=10_000, count=10_000 if quick else 30_000)
        drops = daemon.drops()
        seconds = daemon.stop()
        delivered = bench.settle(sink, sent["sent"] + 1 - drops) - 1
        row(name, int(sent["sent"]), drops, delivered, int(sent["sent"]) - drops - delivered,
            "killed after 60" if seconds is None else f"{seconds:.2f}")
        sink.close()


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", default=os.path.join(here, "../../build/release/bin"))
    parser.add_argument("--quick", action="store_true", help="short runs, once each: does it work?")
    parser.add_argument("--only", default=",".join(PARTS), help="of " + ", ".join(PARTS))
    arguments = parser.parse_args()
    directory = os.path.abspath(arguments.bin)
    daemons = [("xrayd", f"{directory}/xrayd")]
    if os.environ.get("ANCHOR"):
        daemons.append((os.path.basename(os.environ["ANCHOR"]), os.path.abspath(os.environ["ANCHOR"])))
    parts = arguments.only.split(",")
    for part in parts:
        if part not in PARTS:
            parser.error(f"{part} is none of {', '.join(PARTS)}")
    with open("/proc/sys/net/core/rmem_max") as file:
        limit = file.read().strip()
    print(f"Load average at the start {os.getloadavg()[0]:.2f}, {os.cpu_count()} processors, "
          f"net.core.rmem_max {limit}.")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(directory, folder)
        for part in PARTS:
            if part in parts:
                globals()[part](bench, daemons, arguments.quick)


if __name__ == "__main__":
    main()
