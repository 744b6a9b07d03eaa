"""Counts the instructions of the SDK's operations with callgrind and holds them against bounds.

    gates.py PROGRAM [OPERATION...]

PROGRAM is bench_sdk_instructions. An operation's count is the difference of two runs of it, so that
what happens once a process drops out, divided by the difference of their lengths. Counted is the
calling thread only, and only inside the operation: not the sender, which in an asynchronous program
does its work on another thread, and not the segment around a subsegment. The counts are the same in
every run; they differ a little between compilers and, where the C library picks another memcpy,
between processors, and the bounds leave room for that. Ends with 0 when every count is within its
bound; says by function where the instructions went when one is not.
"""

import collections
import pathlib
import re
import subprocess
import sys
import tempfile

# Instructions an operation (g++ 12 -O3, x86-64). What the design states is marked; the others are
# what was measured, with room, so that they do not grow unnoticed.
BOUNDS = {
    "subsegment": 300,  # design: with two annotations, begin and end
    "segment_of_eleven_callers_share": 3_500,
    "segment_of_eleven_queue_full": 3_900,
    "segment_of_eleven_to_json": 16_000,  # design: recording and writing on one thread
    "segment_unsampled_by_its_header": 205,
    "subsegment_of_an_unsampled_segment": 66,
    "header_parse_and_write": 1_800,
}

SHORT, LONG = 256, 1280
FUNCTIONS_SHOWN = 15


def thread_profiles(program, operation, count, folder):
    """Runs one operation under callgrind; the texts of its profiles, one a thread."""
    out = pathlib.Path(folder) / f"{operation}.{count}"
    subprocess.run(
        [
            "valgrind",
            "--tool=callgrind",
            "--toggle-collect=measured",
            "--separate-threads=yes",
            "--compress-strings=no",
            "--compress-pos=no",
            f"--callgrind-out-file={out}",
            program,
            operation,
            str(count),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    return [file.read_text() for file in sorted(out.parent.glob(out.name + "-*"))]


def total(profiles):
    found = [re.search(r"^(?:summary|totals): (\d+)", text, re.MULTILINE) for text in profiles]
    if not all(found):
        raise ValueError("a profile without totals")
    instructions = sum(int(match[1]) for match in found)
    if instructions == 0:
        raise ValueError("nothing was counted: is measured() still there?")
    return instructions


def by_function(profiles):
    """Instructions of each function itself, without those it calls."""
    costs = collections.Counter()
    for text in profiles:
        function, skip = "?", False
        for line in text.splitlines():
            if line.startswith("fn="):
                function = line[3:]
            elif line.startswith("calls="):
                skip = True  # what follows is the callee's
            elif line[:1].isdigit():
                if not skip:
                    costs[function] += int(line.split()[1])
                skip = False
    return costs


def check(program, operation, folder):
    short = thread_profiles(program, operation, SHORT, folder)
    long = thread_profiles(program, operation, LONG, folder)
    count = (total(long) - total(short)) / (LONG - SHORT)
    bound = BOUNDS[operation]
    fits = count <= bound
    print(f"{count:10,.0f}  of {bound:6,}  {'ok' if fits else 'TOO MANY':8}  {operation}")
    if not fits:
        for function, cost in by_function(long).most_common(FUNCTIONS_SHOWN):
            print(f"{cost / LONG:14,.1f}  {function.removeprefix('xray::v0::')[:100]}")
    return fits


def main():
    if len(sys.argv) < 2:
        print("usage: gates.py PROGRAM [OPERATION...]")
        return 2
    program, operations = sys.argv[1], sys.argv[2:] or list(BOUNDS)
    unknown = [name for name in operations if name not in BOUNDS]
    if unknown:
        print(f"no such operation: {', '.join(unknown)}; there are: {', '.join(BOUNDS)}")
        return 2
    good = True
    with tempfile.TemporaryDirectory() as folder:
        for operation in operations:
            try:
                good = check(program, operation, folder) and good
            except subprocess.CalledProcessError as error:
                print(f"{operation}: ended with {error.returncode}\n{error.stderr[-2000:]}")
                good = False
            except ValueError as error:
                print(f"{operation}: {error}")
                good = False
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
