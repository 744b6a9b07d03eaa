"""The .deb: what is in it, and what it does to a Debian 12, also to one with Amazon's package.

XRAY_BUILD_DIR is the build that it is made from. Needs root, debootstrap and a Debian mirror.
"""

import http.client
import os
import pathlib
import re
import shlex
import shutil
import tempfile
import unittest

from debian_root import DebianRoot, ServiceInside, run

BUILD = os.environ["XRAY_BUILD_DIR"]
SOURCES = pathlib.Path(__file__).parents[2] / "daemon/packaging"
CONFIG = "/etc/amazon/xray/cfg.yaml"
OUR_CONFIG = (SOURCES / "cfg.yaml").read_text()
THEIR_CONFIG = "Version: 2\nTotalBufferSizeMB: 0\n"
THEIR_UNIT = "[Service]\nExecStart=/usr/bin/xray -f /var/log/xray/xray.log\n"


class Files:
    """The packages that the tests install, made once."""

    def __init__(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="xrayd-deb-"))
        try:
            run("cpack", "-G", "DEB", "-B", self.home / "cpack", cwd=BUILD)
            [self.ours] = (self.home / "cpack").glob("*.deb")
            self.newer = self._newer()
            self.theirs = self._theirs()
        except BaseException:
            self.close()
            raise

    def close(self):
        shutil.rmtree(self.home)

    def _newer(self):
        """Ours, of a later version."""
        run("dpkg-deb", "--raw-extract", self.ours, self.home / "newer")
        control = self.home / "newer/DEBIAN/control"
        control.write_text(re.sub("(?m)^Version: (.*)$", r"Version: \1.1", control.read_text()))
        return self._built("newer")

    def _theirs(self):
        """A stand-in for Amazon's: its name, its files, its configuration files, no program."""
        for path, text in {
                "etc/amazon/xray/cfg.yaml": THEIR_CONFIG,
                "etc/init/xray.conf": "# upstart\n",
                "lib/systemd/system/xray.service": THEIR_UNIT,
                "usr/bin/xray": "#!/bin/sh\nexit 1\n",
                "usr/share/doc/xray/changelog.gz": "",
                "DEBIAN/conffiles": "/etc/init/xray.conf\n/etc/amazon/xray/cfg.yaml\n"
                                    "/lib/systemd/system/xray.service\n",
                "DEBIAN/preinst": "#!/bin/sh\nuseradd --system -s /bin/false xray\n"
                                  "mkdir -m 755 /var/log/xray\nchown xray /var/log/xray\n",
                "DEBIAN/control": "Package: xray\nVersion: 3.6.6-1\nArchitecture: all\n"
                                  "Maintainer: nobody <nobody@localhost>\nDepends: libc6\n"
                                  "Description: stand-in for Amazon's daemon\n"}.items():
            file = self.home / "theirs" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            file.chmod(0o755 if path in ("usr/bin/xray", "DEBIAN/preinst") else 0o644)
        return self._built("theirs")

    def _built(self, name):
        file = self.home / f"{name}.deb"
        run("dpkg-deb", "--root-owner-group", "--build", self.home / name, file)
        return file


def setUpModule():
    global files, debian
    files = Files()
    unittest.addModuleCleanup(files.close)
    debian = unittest.enterModuleContext(DebianRoot())


class Contents(unittest.TestCase):

    def test_the_package_holds_the_daemon_and_its_service_and_nothing_of_the_sdk(self):
        listing = {}
        for line in run("dpkg-deb", "--contents", files.ours).splitlines():
            mode, owner, _, _, _, path = line.split(maxsplit=5)
            self.assertEqual(owner, "root/root", path)
            if mode[0] != "d":
                listing[path.lstrip(".")] = mode
            else:
                self.assertEqual(mode, "drwxr-xr-x", path)
        self.assertEqual(listing, {
            "/etc/amazon/xray/cfg.yaml": "-rw-r--r--",
            "/lib/systemd/system/xray.service -> xrayd.service": "lrwxrwxrwx",
            "/lib/systemd/system/xrayd.service": "-rw-r--r--",
            "/usr/bin/xray -> xrayd": "lrwxrwxrwx",
            "/usr/bin/xrayd": "-rwxr-xr-x",
            "/usr/lib/sysctl.d/60-xrayd.conf": "-rw-r--r--",
            "/usr/lib/sysusers.d/xrayd.conf": "-rw-r--r--",
            "/usr/share/doc/xrayd/README.md": "-rw-r--r--",
            "/usr/share/doc/xrayd/copyright": "-rw-r--r--",
        })

    def test_it_takes_the_place_of_amazons_package(self):
        for field, value in {"Package": "xrayd", "Conflicts": "xray", "Replaces": "xray",
                             "Provides": "xray"}.items():
            self.assertEqual(run("dpkg-deb", "--field", files.ours, field).strip(), value)
        self.assertEqual(files.ours.name, "xrayd_{}_{}.deb".format(
            *(run("dpkg-deb", "--field", files.ours, field).strip()
              for field in ("Version", "Architecture"))))

    def test_a_plain_installation_has_the_program_under_both_names_and_keeps_to_its_prefix(self):
        with tempfile.TemporaryDirectory(prefix="xrayd-prefix-") as home:
            run("cmake", "--install", BUILD, "--component", "daemon", "--prefix", "/opt/xrayd",
                env=os.environ | {"DESTDIR": home})
            installed = {"/" + str(path.relative_to(home))
                         for path in pathlib.Path(home).rglob("*") if not path.is_dir()}
            self.assertEqual(installed, {
                "/opt/xrayd/bin/xray", "/opt/xrayd/bin/xrayd",
                "/opt/xrayd/share/doc/xrayd/README.md", "/opt/xrayd/share/doc/xrayd/copyright"})
            self.assertEqual(run(f"{home}/opt/xrayd/bin/xray", "--version"),
                             run(f"{BUILD}/bin/xrayd", "--version"))

    def test_it_names_the_libraries_that_the_program_needs(self):
        depends = run("dpkg-deb", "--field", files.ours, "Depends")
        for library in ("libc6", "libstdc++6", "libsqlite3-0", "libzstd1"):
            self.assertRegex(depends, rf"\b{re.escape(library)}\b")

    def test_the_configuration_file_sets_nothing_but_its_version(self):
        lines = [line for line in OUR_CONFIG.splitlines() if line and not line.startswith("#")]
        self.assertEqual(lines, ["Version: 2"])

    def test_what_the_configuration_file_shows_are_the_defaults(self):
        shown = re.sub(r"(?m)^# (?=(?:  )?[A-Z]\w+:(?: |$))", "", OUR_CONFIG)
        self.assertGreater(len([line for line in shown.splitlines() if line[:1] not in ("", "#")]), 40)
        file = files.home / "shown.yaml"
        file.write_text(shown)
        defaults = self.options(SOURCES / "cfg.yaml")
        for option, (value, origin) in self.options(file).items():
            if option == "--buffer-memory":
                self.assertEqual(value, "0")  # which is: as the memory's size suggests
            elif option != "--config":
                self.assertEqual(value, defaults[option][0], f"{option} from {origin}")

    @staticmethod
    def options(config):
        """What the program would go by: {'--bind': ('127.0.0.1:2000', 'default')}"""
        said = run(f"{BUILD}/bin/xrayd", "--check-config", "-c", config, env={})
        found = re.findall(r"(?m)^(--\S+) +(.*?) +\((.*)\)$", said)
        return {option: (value, origin) for option, value, origin in found}


class Unit(unittest.TestCase):

    def setUp(self):
        home = tempfile.TemporaryDirectory(prefix="xrayd-unit-")
        self.addCleanup(home.cleanup)
        self.unit = pathlib.Path(home.name, "xrayd.service")
        # systemd-analyze looks for the program, which is not installed here.
        text = (SOURCES / "xrayd.service").read_text()
        self.unit.write_text(text.replace("ExecStart=/usr/bin/xrayd", f"ExecStart={BUILD}/bin/xrayd"))

    def test_systemd_understands_every_line_of_the_unit(self):
        # Of an unknown setting it complains, and succeeds.
        self.assertEqual(run("systemd-analyze", "verify", "--man=no", self.unit), "")

    def test_systemd_finds_the_service_little_exposed(self):
        run("systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=16", self.unit)

    def test_the_services_log_can_be_read_by_whoever_ships_logs(self):
        umask = int(re.search(r"^UMask=(\d+)$", self.unit.read_text(), re.MULTILINE)[1], 8)
        self.assertEqual(0o666 & ~umask, 0o644)

    def test_systemd_makes_the_user_that_amazons_package_makes(self):
        root = self.unit.parent / "root"
        (root / "usr/lib/sysusers.d").mkdir(parents=True)
        (root / "etc").mkdir()
        shutil.copy(SOURCES / "sysusers.conf", root / "usr/lib/sysusers.d/xrayd.conf")
        run("systemd-sysusers", f"--root={root}", "xrayd.conf")
        self.assertRegex((root / "etc/passwd").read_text(),
                         r"^xray:[!x*]+:\d+:\d+:X-Ray daemon:/:/bin/false\n$")
        self.assertRegex((root / "etc/group").read_text(), r"^xray:[!x*]+:\d+:\n$")


class Installation(unittest.TestCase):
    """Each test begins with neither package, and ends with a purge that must leave nothing."""

    def setUp(self):
        self.addCleanup(self.nothing_is_left)

    def nothing_is_left(self):
        debian.run("dpkg", "--purge", "xrayd", "xray")
        self.assertEqual(debian.states("xrayd", "xray"), {})
        self.assertEqual(debian.names_with("xray", "amazon"), set())

    def config(self):
        return debian.file(CONFIG).read_text()

    def edit(self, path, text):
        debian.file(path).write_text(text)

    def assert_installed(self):
        self.assertEqual(debian.states("xrayd")["xrayd"], "ii")
        self.assertEqual(debian.run("/usr/bin/xrayd", "--version"),
                         debian.run("/usr/bin/xray", "--version"))
        # Whoever says `systemctl restart xray` means ours.
        self.assertEqual(os.readlink(debian.file("/lib/systemd/system/xray.service")),
                         "xrayd.service")
        self.assertEqual(
            os.readlink(debian.file("/etc/systemd/system/multi-user.target.wants/xrayd.service")),
            "/lib/systemd/system/xrayd.service")
        user = debian.run("id", "-u", "xray").strip()
        for path, mode in {"/var/lib/xrayd": 0o750, "/var/lib/xrayd/spool": 0o750,
                           "/var/log/xray": 0o755}.items():
            state = debian.file(path).stat()
            self.assertEqual((str(state.st_uid), state.st_mode & 0o777), (user, mode), path)
        self.assertEqual(list(debian.file("/etc/amazon/xray").glob("cfg.yaml?*")), [])

    def test_apt_installs_it_and_an_upgrade_keeps_the_users_changes(self):
        debian.apt_install(files.ours)
        self.assert_installed()
        self.assertEqual(self.config(), OUR_CONFIG)
        self.edit(CONFIG, "Version: 2\nRegion: eu-west-1\n")
        debian.apt_install(files.newer)
        self.assert_installed()
        self.assertEqual(self.config(), "Version: 2\nRegion: eu-west-1\n")
        debian.run("apt-get", "remove", "-y", "xrayd")
        self.assertEqual(self.config(), "Version: 2\nRegion: eu-west-1\n")
        self.assertFalse(debian.file("/lib/systemd/system/xray.service").is_symlink())
        debian.apt_install(files.ours)
        self.assertEqual(self.config(), "Version: 2\nRegion: eu-west-1\n")

    def test_apt_puts_it_in_place_of_amazons_package_and_keeps_a_changed_configuration(self):
        debian.dpkg_install(files.theirs)
        self.edit(CONFIG, "Version: 2\nRegion: eu-west-1\n")
        said = debian.apt_install(files.ours)
        self.assert_installed()
        self.assertEqual(debian.states("xray"), {"xray": "rc"})
        self.assertEqual(self.config(), "Version: 2\nRegion: eu-west-1\n")
        self.assertNotIn("before-xrayd", said)
        # What is left of theirs goes, ours does not go with it.
        debian.run("dpkg", "--purge", "xray")
        self.assert_installed()
        self.assertEqual(self.config(), "Version: 2\nRegion: eu-west-1\n")
        debian.apt_install(files.newer)
        self.assertEqual(self.config(), "Version: 2\nRegion: eu-west-1\n")

    def test_dpkg_puts_it_in_place_of_amazons_package_and_keeps_what_was_never_changed(self):
        debian.dpkg_install(files.theirs)
        debian.apt_install(files.ours)
        debian.run("dpkg", "--purge", "xrayd")
        debian.dpkg_install(files.theirs)
        debian.dpkg_install(files.ours)
        self.assert_installed()
        self.assertEqual(self.config(), THEIR_CONFIG)
        debian.dpkg_install(files.newer)
        self.assertEqual(self.config(), THEIR_CONFIG)

    def test_a_changed_unit_of_amazons_package_is_kept_beside_and_said(self):
        debian.dpkg_install(files.theirs)
        changed = THEIR_UNIT + "Environment=AWS_REGION=eu-west-1\n"
        self.edit("/lib/systemd/system/xray.service", changed)
        said = debian.apt_install(files.ours)
        self.assertIn("/etc/amazon/xray/xray.service.before-xrayd", said)
        self.assert_installed()
        self.assertEqual(debian.file("/etc/amazon/xray/xray.service.before-xrayd").read_text(), changed)

    def test_a_package_that_cannot_be_unpacked_leaves_the_configuration_as_it_was(self):
        debian.file("/etc/amazon/xray").mkdir(parents=True)
        self.edit(CONFIG, "Version: 2\nRegion: eu-west-1\n")
        broken = files.home / "broken.deb"
        broken.write_bytes(files.ours.read_bytes()[:-100_000])
        with self.assertRaisesRegex(AssertionError, "(?i)unexpected end of file"):
            debian.dpkg_install(broken)
        self.assertEqual(self.config(), "Version: 2\nRegion: eu-west-1\n")
        self.assertEqual(list(debian.file("/etc/amazon/xray").iterdir()), [debian.file(CONFIG)])
        # And if nobody put it back, for the machine stopped amid this, the next try does.
        debian.file(CONFIG).rename(debian.file(CONFIG + ".before-xrayd"))
        self.edit(CONFIG, OUR_CONFIG)
        debian.apt_install(files.ours)
        self.assert_installed()
        self.assertEqual(self.config(), "Version: 2\nRegion: eu-west-1\n")

    def test_the_installed_daemon_serves_as_its_user_with_the_units_arguments(self):
        debian.apt_install(files.ours)
        unit = debian.file("/lib/systemd/system/xray.service").read_text()
        command = shlex.split(re.search("(?m)^ExecStart=(.*)$", unit)[1])
        for backend in BACKENDS:
            with self.subTest(backend[0]), ServiceInside(
                    debian, [*command, *backend[1:], "-b", "127.0.0.1:0", "-t", "127.0.0.1:0"]) as service:
                port = int(service.wait_for_line(
                    "/var/log/xray/xray.log", r"xrayd is receiving on udp \S+, tcp \S+:(\d+)")[1])
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
                connection.request("GET", "/healthz")
                self.assertEqual(connection.getresponse().status, 200)
                connection.close()
                self.assertEqual(service.said(), "READY=1\n")
                self.assertEqual(service.stop(), 0)
                self.assertRegex(service.said(), "^STOPPING=1\n")
                debian.file("/var/log/xray/xray.log").unlink()


# A name, and what the unit's arguments are followed by.
BACKENDS = [("aws", "--local-mode", "--region", "eu-west-1"),
            ("local", "--backend", "local", "--data-dir", "/var/lib/xrayd")]


if __name__ == "__main__":
    unittest.main()
