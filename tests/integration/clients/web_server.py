"""nginx, which remembers the trace header of each request."""

import json
import time
import urllib.error
import urllib.request

from service_process import ServiceProcess


class WebServer(ServiceProcess):
    """Serves the files below `files`; /moved leads to /here, /missing is not there, and a POST
    anywhere is answered with 200."""

    name = "nginx"

    def __init__(self):
        super().__init__()
        self._asked = 0

    @property
    def files(self):
        return self.folder / "files"

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def prepare(self):
        self.run("mkdir", "files")
        self.run("sh", "-c", "echo here >files/here")
        with open(self.folder / "nginx.conf", "w", encoding="ascii") as configuration:
            configuration.write(f"""
                daemon off;
                pid {self.folder}/pid;
                error_log stderr;
                worker_processes 1;
                events {{ worker_connections 64; }}
                http {{
                  log_format requests escape=json
                    '{{"method":"$request_method","path":"$uri","trace":"$http_x_amzn_trace_id"}}';
                  access_log {self.folder}/requests requests;
                  client_body_temp_path {self.folder}/body;
                  proxy_temp_path {self.folder}/proxy;
                  fastcgi_temp_path {self.folder}/fastcgi;
                  uwsgi_temp_path {self.folder}/uwsgi;
                  scgi_temp_path {self.folder}/scgi;
                  server {{
                    listen 127.0.0.1:{self.port};
                    root {self.files};
                    error_page 405 =200 /here;
                    location = /moved {{ return 302 /here; }}
                  }}
                }}
            """)

    def command(self):
        return ["/usr/sbin/nginx", "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"),
                "-e", "stderr"]

    def requests(self):
        """Method, path and trace header of every request so far."""
        # nginx answers first and writes its log then: one more request, and all before are in it.
        self._asked += 1
        mark = f"/asked/{self._asked}"
        try:
            urllib.request.urlopen(self.url + mark)  # never a file
        except urllib.error.HTTPError:
            pass
        end = time.monotonic() + 20
        while True:
            requests = self._written()
            if any(request["path"] == mark for request in requests) or time.monotonic() > end:
                return [r for r in requests if not r["path"].startswith("/asked/")]
            time.sleep(0.01)

    def _written(self):
        with open(self.folder / "requests", encoding="utf-8") as log:
            return [json.loads(line) for line in log if line.endswith("\n")]
