"""Every variable of the SDK that changes is exported and named in process_wide.hpp.

Usage: process_wide_state.py PROCESS_WIDE_HPP LIBRARY
"""

import re
import subprocess
import sys


def main() -> int:
    header, library = sys.argv[1:]
    with open(header, encoding="utf-8") as file:
        block = re.search(r"process_wide_state\[\] = \{(.*?)\};", file.read(), re.DOTALL)
    named = set(re.findall(r'"(\w+)"', block.group(1)))

    lines = subprocess.run(
        ["readelf", "--wide", "--sections", "--symbols", library],
        check=True, capture_output=True, text=True).stdout.splitlines()
    writable = set()
    found = {}
    for line in lines:
        section = re.match(r"\s*\[\s*(\d+)\] (\S+)\s+\S+\s+[0-9a-f]+ [0-9a-f]+ [0-9a-f]+ [0-9a-f]+\s+(\S*)", line)
        if section:
            # What is written once, by the loader, is constant to us.
            if "W" in section.group(3) and ".rel.ro" not in section.group(2):
                writable.add(section.group(1))
            continue
        symbol = re.match(
            r"\s*\d+: [0-9a-f]+\s+\d+ (OBJECT|TLS)\s+(\w+)\s+(\w+)\s+(\w+) (\S+)", line)
        if symbol:
            _, _, visibility, index, name = symbol.groups()
            ours = re.match(r"_ZN4xray\d+v\d+_\d+6detail(?:L)?(\d+)(\w+)", name)
            if index in writable and "4xray" in name:
                size = int(ours.group(1)) if ours else 0
                # Copies look for it by this very symbol: an ABI tag (of a type with std::string in
                # it) would hide it.
                plain = ours and ours.group(2)[size:] == "E"
                found[ours.group(2)[:size] if plain else name] = visibility

    trouble = []
    of_each_copy = {"process_wide_state_is_offered"}
    for name, visibility in sorted(found.items()):
        if any(own in name for own in of_each_copy):
            continue
        if visibility != "DEFAULT":
            trouble.append(f"{name} is not marked XRAY_PROCESS_WIDE")
        if name not in named:
            trouble.append(f"{name} is not named in process_wide.hpp")
    for name in sorted(named - set(found)):
        trouble.append(f"{name} is named in process_wide.hpp and not in the library")
    print("\n".join(trouble) or f"{len(named)} variables")
    return 1 if trouble else 0


if __name__ == "__main__":
    sys.exit(main())
