"""nginx: plain, TLS, and a second host, with an access log of what arrived."""

import json
import os
import time

from service_process import ServiceProcess, free_port

CONFIGURATION = """
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr warn;
events {{ worker_connections 64; }}
http {{
  log_format seen escape=json '{{"request":"$request","status":$status,'
      '"trace":"$http_x_amzn_trace_id","own":"$http_x_own","host":"$host",'
      '"connection":$connection}}';
  access_log seen.log seen;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  default_type text/plain;
  server {{
    listen 127.0.0.1:{port};
    listen 127.0.0.1:{tls_port} ssl;
    ssl_certificate certificate.pem;
    ssl_certificate_key key.pem;
    location /plain {{ return 200 "hello"; }}
    location /here {{ return 302 /plain/there?token=secret; }}
    location /elsewhere {{ return 302 http://127.0.0.2:{other_port}/there?token=secret; }}
    location /missing {{ return 404; }}
    location /throttled {{ return 429; }}
    location /broken {{ return 500; }}
    location /slow {{ alias {folder}/slow; limit_rate 1024; }}
  }}
  server {{
    listen 127.0.0.2:{other_port};
    location / {{ return 200 "there"; }}
  }}
}}
"""


class Nginx(ServiceProcess):
    name = "nginx"

    def __init__(self):
        super().__init__()
        self.tls_port = free_port()
        self.other_port = free_port()
        self.certificate = self.folder / "certificate.pem"
        self._read = 0

    def prepare(self):
        self.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                 "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=test",
                 "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem",
                 "-out", "certificate.pem")
        os.chmod(self.folder, 0o755)
        (self.folder / "slow").write_bytes(b"x" * (64 << 10))
        (self.folder / "nginx.conf").write_text(CONFIGURATION.format(
            port=self.port, tls_port=self.tls_port, other_port=self.other_port,
            folder=self.folder))

    def command(self):
        return ["/usr/sbin/nginx", "-p", str(self.folder), "-c", "nginx.conf", "-e", "stderr"]

    def url(self, path="/plain", scheme="http"):
        return f"{scheme}://127.0.0.1:{self.tls_port if scheme == 'https' else self.port}{path}"

    def seen(self, count):
        """The requests that arrived since it was last asked, which must be so many."""
        end = time.monotonic() + 20
        while True:
            lines = self._lines()
            new = lines[self._read:]
            if len(new) >= count or time.monotonic() > end:
                break
            time.sleep(0.02)
        self._read = len(lines)
        if len(new) != count:
            raise AssertionError(f"{len(new)} requests instead of {count}: {new}")
        return [json.loads(line) for line in new]

    def forget(self):
        """What a test that failed has not asked for."""
        self._read = len(self._lines())

    def _lines(self):
        log = self.folder / "seen.log"
        return log.read_text().splitlines() if log.exists() else []
