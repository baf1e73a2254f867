"""Shows that this runner notices what it is for, on pages that are wrong on purpose."""
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from driver import Browser

POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src * data:"
PAGES = {
    "/well": "<h1>Well</h1><p>Nothing is wrong here.</p>",
    "/style": "<h1>Style</h1><p style='color: red'>An inline style.</p>",
    "/script": "<h1>Script</h1><script>document.title = 'ran'</script>",
    "/elsewhere": "<h1>Elsewhere</h1><img alt='' src='http://127.0.0.2:9/picture'>",
    "/missing": "<h1>Missing</h1><link rel='stylesheet' href='/nothing.css'>",
    "/picture": "<h1>Picture</h1><img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>",
    "/grey": "<h1>Grey</h1><p><font color='#bbb'>Light grey on white.</font></p>",
    "/code": "<h1>Code</h1><form action='/well'><input aria-label=a name=a><button>Go</button></form>"
             "<script src='/code.js'></script>",
    "/wide": "<h1>Wide</h1><pre>" + "wide " * 400 + "</pre>",
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/code.js":
            return self.answer(200, "text/javascript", "document.title = 'code ran'")
        content = PAGES.get(self.path.split("?")[0])
        page = f"<!doctype html><html lang=en><title>x</title><link rel=icon href='data:,'><main>{content}</main>"
        self.answer(200 if content else 404, "text/html", page if content else "")

    def answer(self, status, content_type, text):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


def run(check, axe):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with Browser(f"http://127.0.0.1:{server.server_port}", axe) as browser:
            def found(path):
                browser.complaints()
                browser.open(path)
                browser.shape(360, "light")
                return browser.complaints(), browser.axe_violations(), browser.overflow()
            check("self-test: a page that is well is found so", found("/well") == ([], [], 0), found("/well"))
            for path, words in {"/style": "Content Security Policy", "/script": "Content Security Policy",
                                "/elsewhere": "asks elsewhere", "/missing": "404"}.items():
                complaints, _, _ = found(path)
                check(f"self-test: {path} is complained about", any(words in text for text in complaints), complaints)
            for path, rule in {"/picture": "image-alt", "/grey": "color-contrast"}.items():
                _, violations, _ = found(path)
                check(f"self-test: axe-core finds {rule}", [v.split(":")[0] for v in violations] == [rule], violations)
            check("self-test: a page that sticks out is noticed", found("/wide")[2] > 0)
            browser.open("/code")
            check("self-test: code runs", browser.driver.title == "code ran", browser.driver.title)
        with Browser(f"http://127.0.0.1:{server.server_port}", javascript=False) as browser:
            browser.open("/code")
            check("self-test: code does not run where it is switched off",
                  browser.driver.title == "x", browser.driver.title)
            browser.fill("input", "b")
            browser.submit("button", "Go")
            check("self-test: a form can be sent there all the same", browser.path() == "/well?a=b", browser.path())
            check("self-test: nothing to complain about there", not browser.complaints())
    finally:
        server.shutdown()
