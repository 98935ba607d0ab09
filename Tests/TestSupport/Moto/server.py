"""moto's server with a store that can be told to fail: prints its port, and ends with its standard input."""

import os
import sys
import threading

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server


class Faulty:
    """Passes requests on, but for those that POST /faults announced: "503", "lose" (the answer), "ok"."""

    def __init__(self, application):
        self.application = application
        self.lock = threading.Lock()
        self.planned = {}

    def __call__(self, environ, start_response):
        bucket = environ["PATH_INFO"].split("/")[1]
        if bucket == "faults":
            length = int(environ.get("CONTENT_LENGTH") or 0)
            name, _, plan = environ["wsgi.input"].read(length).decode().partition(":")
            with self.lock:
                self.planned[name] = plan.split(",")
            start_response("200 OK", [("Content-Length", "0")])
            return [b""]
        with self.lock:
            plan = self.planned.get(bucket)
            fault = plan.pop(0) if plan else "ok"
        if fault == "503":
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            body = b"<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>"
            start_response("503 Slow Down", [("Content-Length", str(len(body)))])
            return [body]
        if fault == "lose":
            b"".join(self.application(environ, lambda *arguments: None))
            environ["werkzeug.socket"].shutdown(2)
            start_response("200 OK", [("Content-Length", "0")])
            return [b""]
        return self.application(environ, start_response)


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *arguments):
        pass


server = make_server(
    "127.0.0.1", 0, Faulty(DomainDispatcherApplication(create_backend_app)), threaded=True, request_handler=Quiet
)
print(server.server_port, flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
server.serve_forever()
