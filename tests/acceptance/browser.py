"""A real browser without a screen, driven by W3C WebDriver."""

import base64

from support import Program, clean_environment, free_port, wait_until, web_session


class Browser(Program):
    """Chromium by chromedriver, both of Debian."""

    OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
               "--disable-background-networking", "--disable-component-update", "--disable-sync",
               "--window-size=1280,900"]

    def __init__(self, folder, options=()):
        port = free_port()
        super().__init__(["chromedriver", f"--port={port}"], clean_environment(folder), folder / "browser.log", folder)
        self.address = f"http://127.0.0.1:{port}"
        self.folder = folder
        self.options = [*self.OPTIONS, f"--user-data-dir={folder / 'browser'}", *options]
        self.web = web_session()
        self.session = None

    def __enter__(self):
        super().__enter__()
        wait_until(lambda: self.web.get(f"{self.address}/status", timeout=5).json()["value"]["ready"],
                   what="chromedriver is ready")
        asked = {"alwaysMatch": {"goog:chromeOptions": {"args": self.options}, "goog:loggingPrefs": {"browser": "ALL"}}}
        self.session = self.call("", capabilities=asked)["sessionId"]
        return self

    def __exit__(self, *_):
        if self.session:
            self.web.delete(f"{self.address}/session/{self.session}", timeout=30)
        super().__exit__()

    def call(self, path, **body):
        prefix = f"/session/{self.session}/" if self.session else "/session"
        answer = self.web.post(self.address + prefix + path, json=body, timeout=60).json()["value"]
        assert not (isinstance(answer, dict) and "error" in answer), answer
        return answer

    def open(self, url):
        self.call("url", url=url)

    def run(self, script, *arguments):
        """What a JavaScript function with this body gives."""
        return self.call("execute/sync", script=script, args=list(arguments))

    def text(self, selector="body"):
        """What a reader sees of the first element that the selector finds; nothing where there is none."""
        return self.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def _find(self, selector):
        return next(iter(self.call("element", using="css selector", value=selector).values()))

    def type(self, selector, text):
        self.call(f"element/{self._find(selector)}/value", text=text)

    def click(self, selector):
        self.call(f"element/{self._find(selector)}/click")

    def complaints(self):
        """What the browser's console has said since it was last asked: faults of scripts, refusals of the page's
        policy."""
        return [entry["message"] for entry in self.call("se/log", type="browser")]

    def screenshot(self, path):
        shot = self.web.get(f"{self.address}/session/{self.session}/screenshot", timeout=60).json()["value"]
        path.write_bytes(base64.b64decode(shot))
