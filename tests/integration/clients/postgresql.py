"""A PostgreSQL of the tests' own."""

import glob
import pathlib
import signal

from service_process import ServiceProcess

# A Debian 12 has one version; were there more, any would do.
PROGRAMS = pathlib.Path(sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1])


class PostgreSql(ServiceProcess):
    """Listens on 127.0.0.1, where its user needs the password, and has an empty database.

    with PostgreSql() as server:
        subprocess.run(["psql", "-c", "SELECT 1"], env={**os.environ, **server.environment()})
        server.query("SELECT count(*) FROM pg_stat_activity")
    """

    name = "postgresql"
    stop_signal = signal.SIGINT  # SIGTERM would wait for clients to go
    user = "tester"
    password = "pass-of-tester"
    database = "shop"

    def __init__(self):
        super().__init__()
        self._data = self.folder / "data"

    def prepare(self):
        password_file = self.folder / "password"
        password_file.write_text(self.password)
        password_file.chmod(0o644)
        self.run(PROGRAMS / "initdb", "-D", self._data, "-U", self.user, "-E", "UTF8",
                 "--locale=C", "--no-sync", "--auth-host=scram-sha-256", "--auth-local=trust",
                 f"--pwfile={password_file}")

    def command(self):
        return [PROGRAMS / "postgres", "-D", self._data, "-p", str(self.port),
                *self._settings(listen_addresses="127.0.0.1", fsync="off",
                                unix_socket_directories=self.folder, shared_buffers="16MB",
                                log_statement="all", log_line_prefix="%a: ")]

    def is_ready(self):
        try:
            self.query("SELECT 1", database="postgres")
            return True
        except AssertionError:
            return False

    def __enter__(self):
        super().__enter__()
        try:
            self.query(f"CREATE DATABASE {self.database}", database="postgres")
        except BaseException:
            self.__exit__()
            raise
        return self

    def environment(self):
        """Where libpq connects to, unless told otherwise."""
        return {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": self.user,
                "PGPASSWORD": self.password, "PGDATABASE": self.database}

    def query(self, statement, database=None):
        """Runs a statement as the server's user; its rows as psql -At prints them."""
        return self.run(PROGRAMS / "psql", "-X", "-A", "-t", "-q", "-h", self.folder,
                        "-p", str(self.port), "-U", self.user, "-d", database or self.database,
                        "-v", "ON_ERROR_STOP=1", "-c", statement).strip()

    @staticmethod
    def _settings(**settings):
        return [argument for name, value in settings.items()
                for argument in ("-c", f"{name}={value}")]
