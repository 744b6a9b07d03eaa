#!/usr/bin/env python3
"""Measures `xrayd --backend local`: what it stores, loses and costs, and how quick its answers are meanwhile.

    bench/local/run.py [--bin=build/release/bin] [--rate=50000] [--seconds=30] [--rounds=3]
                       [--json=FILE] [--udp] [--quick]

Each round starts an xrayd with a store of its own, sends it realistic traffic (bench_load) and asks
what a console asks, one question after the other, until the load ends. Then it waits until xrayd
knows what became of every document. Prints medians of the rounds as Markdown, and says where
documents were lost.
"""

import argparse
import http.client
import json
import os
import re
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

TICKS = os.sysconf("SC_CLK_TCK")


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


class Xrayd:
    def __init__(self, directory, folder):
        self.port = free_port()
        self.socket = f"{folder}/xrayd.sock"
        self.store = f"{folder}/store"
        address = f"127.0.0.1:{self.port}"
        self.log = open(f"{folder}/xrayd.log", "w+")
        self.process = subprocess.Popen(
            [f"{directory}/xrayd", "--backend", "local", "--data-dir", self.store, "-b", address, "-t", address,
             "--unix-socket", self.socket, "--retention-size", "16GiB", "-l", "warn"],
            stdout=self.log, stderr=self.log)
        begun = time.monotonic()
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() - begun > 30:
                self.log.seek(0)
                sys.exit(f"xrayd does not answer\n{self.log.read()[-2000:]}")
            time.sleep(0.01)

    def answers(self):
        try:
            return bool(self.metrics())
        except OSError:
            return False

    def metrics(self):
        """Rows of /metrics: name and labels -> value."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        return {name: float(value) for name, value in re.findall(r"^(\w\S*) (\S+)$", text, re.M)}

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self):
        """Resident now and at most, in MB."""
        with open(f"/proc/{self.process.pid}/status") as file:
            text = file.read()
        return tuple(int(re.search(rf"{name}:\s+(\d+)", text)[1]) / 1024 for name in ("VmRSS", "VmHWM"))

    def disk(self):
        return sum(os.stat(f"{folder}/{name}").st_blocks * 512
                   for folder, _, names in os.walk(self.store) for name in names)

    def journals(self):
        """Files of documents that may wait to be written with their traces. The last one stays."""
        return sum(name.endswith(".journal") for name in os.listdir(self.store))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(120)
        self.log.seek(0)
        log = self.log.read()
        self.log.close()
        if log:
            print(log, file=sys.stderr)


class Questions(threading.Thread):
    """Asks in turn, one at a time, as a console that somebody works with."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.times = {}
        self.largest = {}
        self.ended = threading.Event()
        self.failure = None

    def ask(self, name, path, **request):
        body = json.dumps(request)
        begun = time.perf_counter()
        self.connection.request("POST", path, body, {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        text = answer.read()
        self.times.setdefault(name, []).append(time.perf_counter() - begun)
        self.largest[name] = max(self.largest.get(name, 0), len(text))
        if answer.status != 200:
            raise RuntimeError(f"{name}: {answer.status} {text[:300]}")
        return json.loads(text)

    def run(self):
        try:
            while not self.ended.is_set():
                self.round()
        except (OSError, RuntimeError, ValueError, http.client.HTTPException) as error:
            self.failure = repr(error)

    def round(self):
        now = time.time()
        since = {"StartTime": now - 300, "EndTime": now + 1}
        listed = self.ask("GetTraceSummaries, 5 min", "/TraceSummaries", **since)
        self.ask("... fault, by service", "/TraceSummaries", **since,
                 FilterExpression='service("payments") { responsetime > 0.001 } AND fault')
        self.ask("... annotation", "/TraceSummaries", **since, FilterExpression='annotation.customer = "c-01717"')
        ids = [summary["Id"] for summary in listed["TraceSummaries"][:5]]
        if ids:
            self.ask("BatchGetTraces, 5", "/Traces", TraceIds=ids)
        self.ask("GetServiceGraph, 5 min", "/ServiceGraph", **since)
        self.ask("GetServiceGraph, 6 h", "/ServiceGraph", StartTime=now - 6 * 3600, EndTime=now + 1)
        self.ask("GetTimeSeriesServiceStatistics, 1 h", "/TimeSeriesServiceStatistics", StartTime=now - 3600,
                 EndTime=now + 1)
        self.ended.wait(0.1)


def quantile(times, share):
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def labelled(metrics, name):
    """The rows of a metric by their reasons, but for those that are 0."""
    found = {}
    for row, value in metrics.items():
        match = re.fullmatch(name + r'\{reason="(\w+)"\}', row)
        if match and value > 0:
            found[match[1]] = int(value)
    return found


def fates(metrics):
    """What became of documents that xrayd was handed, so far as it knows by now."""
    return {
        "stored": int(metrics["xrayd_documents_stored_total"]),
        "replaced": int(metrics["xrayd_documents_replaced_total"]),
        "duplicate": int(metrics["xrayd_documents_duplicate_total"]),
        **{f"dropped: {reason}": count for reason, count in labelled(metrics, "xrayd_documents_dropped_total").items()},
        **{f"rejected: {reason}": count for reason, count in labelled(metrics, "xrayd_documents_rejected_total").items()},
    }


def settled(xrayd, wanted, patience=180.0, quiet=12.0):
    """The figures once so many documents have come and the fate of each is known, or nothing changes any more.

    What comes late to a trace that is on disk is counted when it is written there too: seconds after it came."""
    last, since = None, time.monotonic()
    begun = since
    while True:
        metrics = xrayd.metrics()
        known = sum(fates(metrics).values())
        received = metrics["xrayd_documents_received_total"]
        now = time.monotonic()
        if (known, received) != last:
            last, since = (known, received), now
        if (received >= wanted and known >= received) or now - begun > patience or now - since > quiet:
            return metrics
        time.sleep(0.2)


def cpu_of_children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure(arguments, folder, by_unix):
    """One round: figures and what the questions took, in ms."""
    directory = os.path.abspath(arguments.bin)
    load = os.getloadavg()[0]
    xrayd = Xrayd(directory, folder)
    questions = Questions(xrayd.port)
    questions.start()
    cpu, children_cpu = xrayd.cpu(), cpu_of_children()
    target = f"--unix={xrayd.socket}" if by_unix else f"--port={xrayd.port}"
    output = subprocess.run(
        [f"{directory}/bench_load", target, f"--rate={arguments.rate}", f"--seconds={arguments.seconds}"],
        check=True, stdout=subprocess.PIPE, text=True).stdout
    generator_cpu = cpu_of_children() - children_cpu
    sent = {name: float(value) for name, value in re.findall(r"(\w+)=([\d.]+)", output)}
    questions.ended.set()
    questions.join()
    metrics = settled(xrayd, sent["documents"] - sent["failed"])
    # Only then is the disk's figure one of the store.
    begun = time.monotonic()
    while xrayd.journals() > 1 and time.monotonic() - begun < 60:
        time.sleep(0.2)
    cpu = xrayd.cpu() - cpu
    memory = xrayd.memory()
    xrayd.stop()
    if questions.failure:
        sys.exit(f"a question failed: {questions.failure}")

    documents = sent["documents"]
    received = metrics["xrayd_documents_received_total"]
    known = fates(metrics)
    return {
        "load average at the start": round(load, 2),
        "sent": int(documents),
        "bytes a document": round(sent["bytes"] / documents),
        "documents a trace": round(documents / sent["traces"], 1),
        "seconds": round(sent["seconds"], 1),
        "documents a second": round(documents / sent["seconds"]),
        "not sent": int(sent["failed"]),
        "lost on the way": int(documents - sent["failed"] - received),
        **{f"fate: {name}": count for name, count in known.items()},
        "fate: not known": int(received - sum(known.values())),
        "CPU of xrayd with the questions', us a document": round(cpu * 1e6 / documents, 1),
        "CPU of the generator, us a document": round(generator_cpu * 1e6 / documents, 1),
        "disk, bytes a document": round(xrayd.disk() / max(known["stored"], 1)),
        "resident, MB": round(memory[0]),
        "resident at most, MB": round(memory[1]),
        "questions": {
            name: {
                "asked": len(times),
                "p50": round(quantile(times, 0.5) * 1e3, 1),
                "p99": round(quantile(times, 0.99) * 1e3, 1),
                "longest": round(max(times) * 1e3, 1),
                "largest answer, KB": round(questions.largest[name] / 1024),
            } for name, times in questions.times.items()
        },
    }


def median_of(rounds):
    """Figure by figure, of rounds that have the same ones; what some don't have is 0 there."""
    names = {name: None for one in rounds for name in one}
    if any(isinstance(one.get(name), dict) for one in rounds for name in names):
        whole = {name: median_of([one[name] for one in rounds if isinstance(one.get(name), dict)])
                 for name in names if any(isinstance(one.get(name), dict) for one in rounds)}
    else:
        whole = {}
    return {name: whole[name] if name in whole else round(statistics.median(one.get(name, 0) for one in rounds), 1)
            for name in names}


def show(title, median, rounds):
    print(f"\n### {title}; medians of {len(rounds)}\n\n| | |\n|---|---|")
    for name, value in median.items():
        if name != "questions":
            print(f"| {name} | {value:,g} |" if value < 1e6 else f"| {name} | {value:,.0f} |")
    columns = ["asked", "p50", "p99", "longest", "largest answer, KB"]
    print(f"\n| question, ms | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}")
    for name, figures in median["questions"].items():
        print(f"| {name} | " + " | ".join(f"{figures[column]:g}" for column in columns) + " |")
    sys.stdout.flush()


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", default=os.path.join(here, "../../build/release/bin"))
    parser.add_argument("--rate", type=int, default=50_000)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3, help="each with a store of its own")
    parser.add_argument("--json", metavar="FILE", help="writes the figures of every round there, and the medians")
    parser.add_argument("--quick", action="store_true", help="one round of 5,000 a second for 3 s: does it work?")
    parser.add_argument("--udp", action="store_true", help="by UDP too, where the system may drop datagrams")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rate, arguments.seconds, arguments.rounds = 5_000, 3, 1
    print(f"Load average at the start {os.getloadavg()[0]:.2f}, {os.cpu_count()} processors, which the generator "
          "and the questions share.")
    results = {}
    for by_unix in (True, False) if arguments.udp else (True,):
        way = "unix socket" if by_unix else "UDP"
        rounds = []
        for _ in range(arguments.rounds):
            with tempfile.TemporaryDirectory() as folder:
                rounds.append(measure(arguments, folder, by_unix))
        results[way] = {"median": median_of(rounds), "rounds": rounds}
        show(f"{arguments.rate:,} documents a second for {arguments.seconds} s by {way}", results[way]["median"], rounds)
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump({"rate": arguments.rate, "seconds": arguments.seconds, "processors": os.cpu_count(), **results},
                      file, indent=2)
            file.write("\n")


if __name__ == "__main__":
    main()
