"""A Debian 12 of its own in a directory, to install packages in. Needs root and a Debian mirror."""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time

# How long one command of apt, dpkg or debootstrap may take, in seconds.
PATIENCE = 300


def run(*command, **options):
    """A command that must succeed: what it wrote, errors included."""
    done = subprocess.run(
        [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=PATIENCE, text=True, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command} gave {done.returncode}:\n{done.stdout}")
    return done.stdout


def mirror():
    """Where this machine gets Debian 12 from."""
    targets = run("apt-get", "indextargets", "--format", "$(CODENAME) $(COMPONENT) $(REPO_URI)",
                  "Created-By: Packages")
    found = re.search(r"^bookworm main (\S+)$", targets, re.MULTILINE)
    return found[1] if found else "http://deb.debian.org/debian"


class DebianRoot:
    """The directory; a context manager. XRAY_DEBIAN_ROOT may name one that debootstrap made before,
    which is copied: that saves half a minute."""

    def __init__(self):
        self._home = tempfile.mkdtemp(prefix="xrayd-debian-")
        os.chmod(self._home, 0o755)
        self.path = pathlib.Path(self._home, "root")
        made_before = os.environ.get("XRAY_DEBIAN_ROOT")
        try:
            if made_before:
                run("cp", "-a", "--", made_before, self.path)
            else:
                run("debootstrap", "--variant=minbase", "bookworm", self.path, mirror())
            # Nobody needs these files after a power cut.
            self.file("/etc/dpkg/dpkg.cfg.d/unsafe-io").write_text("force-unsafe-io\n")
        except BaseException:
            self.close()
            raise

    def close(self):
        shutil.rmtree(self._home, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def run(self, *command):
        """A command inside, as root, with nobody to answer questions; what it wrote."""
        environment = {name: value for name, value in os.environ.items() if "proxy" in name.lower()}
        environment |= {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C",
                        "DEBIAN_FRONTEND": "noninteractive"}
        return run("chroot", self.path, *command, env=environment)

    def bring(self, package):
        """Copies a package file in; its path inside."""
        shutil.copy(package, self.path / "root")
        return f"/root/{pathlib.Path(package).name}"

    def apt_install(self, package):
        return self.run("apt-get", "install", "-y", "--no-install-recommends", self.bring(package))

    def dpkg_install(self, package):
        return self.run("dpkg", "--install", self.bring(package))

    def states(self, *packages):
        """{'xrayd': 'ii'} for those of which dpkg has anything."""
        known = subprocess.run(
            ["chroot", self.path, "dpkg-query", "-W", "-f", "${Package} ${db:Status-Abbrev}\n",
             *packages], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            timeout=PATIENCE, check=False).stdout
        states = dict(line.split() for line in known.splitlines())
        return {name: state for name, state in states.items() if state != "un"}

    def file(self, path):
        """The path of an inside file, seen from outside."""
        return self.path / path.lstrip("/")

    def names_with(self, *words):
        """Every path inside whose name has one of these words, but dpkg's and apt's own records."""
        found = set()
        for folder, folders, files in os.walk(self.path):
            inside = pathlib.Path("/", pathlib.Path(folder).relative_to(self.path))
            if str(inside) in ("/proc", "/sys", "/root", "/var/lib/dpkg", "/var/lib/apt",
                               "/var/cache", "/var/log/apt"):
                folders.clear()
                continue
            found |= {str(inside / name) for name in folders + files
                      if any(word in name for word in words)}
        return found


class ServiceInside:
    """The daemon as its unit starts it: as its user, without privileges, told of a socket where it
    says how it is. A context manager; SIGTERM ends it."""

    def __init__(self, root, command):
        self._root = root
        run_dir = root.file("/run/xrayd-test")
        run_dir.mkdir()
        self._manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._manager.bind(str(run_dir / "notify"))
        os.chmod(run_dir / "notify", 0o666)
        self.process = subprocess.Popen(
            # /proc is mounted where nobody else sees it, and gone with the process.
            ["unshare", "--mount", f"--mount-proc={root.file('/proc')}", "chroot", root.path,
             "setpriv", "--reuid=xray", "--regid=xray", "--init-groups", "--inh-caps=-all",
             "--bounding-set=-all", "--no-new-privs", *command],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/", "NOTIFY_SOCKET": "/run/xrayd-test/notify"})

    def wait_for_line(self, path, pattern, timeout=20):
        """The first match in a file inside, once there is one."""
        deadline = time.monotonic() + timeout
        log = self._root.file(path)
        while True:
            text = log.read_text() if log.exists() else ""
            found = re.search(pattern, text)
            if found:
                return found
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"no {pattern} in {path}:\n{text}\n{self._output()}")
            time.sleep(0.05)

    def said(self, timeout=20):
        """The next message to the service manager."""
        self._manager.settimeout(timeout)
        return self._manager.recv(4096).decode()

    def stop(self):
        """SIGTERM; the exit status."""
        self.process.terminate()
        return self.process.wait(60)

    def _output(self):
        self.process.kill()
        return self.process.communicate(timeout=20)[0]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(20)
        self.process.stdout.close()
        self._manager.close()
        shutil.rmtree(self._root.file("/run/xrayd-test"))
