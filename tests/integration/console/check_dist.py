"""Says whether the console's built files belong to the sources beside them; needs no npm.

    check_dist.py CONSOLE_FOLDER

dist/SOURCE.sha256 holds the hash of every source and of every built file, as sha256sum writes it.
"""

import hashlib
import pathlib
import sys

SINGLE_SOURCES = ("package.json", "package-lock.json", "tsconfig.json", "scripts/build.mjs")
OUTPUTS = ("dist/index.html", "dist/app.js", "dist/app.css", "dist/icon.svg")


def hashes_now(console: pathlib.Path) -> dict[str, str]:
    nested = (path for path in (console / "src").rglob("*") if path.is_file())
    names = [path.relative_to(console).as_posix() for path in nested]
    names += [*SINGLE_SOURCES, *OUTPUTS]
    return {name: hashlib.sha256((console / name).read_bytes()).hexdigest() for name in names}


def hashes_then(console: pathlib.Path) -> dict[str, str]:
    lines = (console / "dist/SOURCE.sha256").read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def main() -> int:
    console = pathlib.Path(sys.argv[1]).resolve()
    now, then = hashes_now(console), hashes_then(console)
    differing = sorted(name for name in now.keys() | then.keys() if now.get(name) != then.get(name))
    for name in differing:
        print(f"{name} is not what dist/ was built from")
    if differing:
        print(f"In {console.name}: npm ci && npm run build, and commit dist/ with the sources.")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
