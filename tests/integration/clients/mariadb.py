"""MariaDB's real server."""

import os
import shutil
import subprocess

from service_process import ServiceProcess


class MariaDb(ServiceProcess):
    """A server with an empty database `shop`; user root without a password, and `ann` with one."""

    name = "mariadb"
    user = "ann"
    password = "pass-Word7"
    database = "shop"

    @property
    def socket(self):
        return str(self.folder / "socket")

    def prepare(self):
        self.run("mariadb-install-db", "--no-defaults", f"--datadir={self.folder}/data",
                 "--auth-root-authentication-method=normal", "--skip-test-db")

    def command(self):
        # Debian has it where only root looks. A small one: each thing that is not needed costs time.
        program = shutil.which("mariadbd", path=os.environ.get("PATH", "") + ":/usr/sbin")
        return [program, "--no-defaults", f"--datadir={self.folder}/data",
                f"--socket={self.socket}", f"--port={self.port}", "--bind-address=127.0.0.1",
                f"--pid-file={self.folder}/pid", "--skip-name-resolve", "--skip-log-bin",
                "--performance-schema=OFF", "--innodb-buffer-pool-size=16M",
                "--innodb-log-file-size=4M", "--innodb-flush-log-at-trx-commit=0",
                "--character-set-server=utf8mb4"]

    def __enter__(self):
        super().__enter__()
        try:
            self.sql(f"CREATE DATABASE {self.database};"
                     f"CREATE USER '{self.user}'@'%' IDENTIFIED BY '{self.password}';"
                     f"GRANT ALL ON *.* TO '{self.user}'@'%';")
        except BaseException:
            self.__exit__()
            raise
        return self

    def sql(self, statements):
        """Runs statements as root, and gives what they answer: values by tabs, a row a line."""
        return self.run("mariadb", "--no-defaults", f"--socket={self.socket}", "--user=root",
                        "--batch", "--skip-column-names", f"--execute={statements}")

    def is_ready(self):
        return super().is_ready() and subprocess.run(
            ["mariadb-admin", "--no-defaults", f"--socket={self.socket}", "--user=root", "ping"],
            capture_output=True, check=False).returncode == 0
