"""Debian's Chromium, driven by selenium: pages, what they complain about, how they look, and axe-core.

Nothing is downloaded: browser and driver are given by their paths. Every console message, broken policy and
request to another host is kept until `complaints` is asked.
"""
import base64
import json
import os
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

os.environ["SE_OFFLINE"] = "true"

from selenium import webdriver  # noqa: E402
from selenium.common.exceptions import WebDriverException  # noqa: E402
from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.common.action_chains import ActionChains  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402

from live import Failure  # noqa: E402

CHROMIUM = os.environ.get("MINTMARK_TEST_CHROMIUM") or "/usr/bin/chromium"
CHROMEDRIVER = os.environ.get("MINTMARK_TEST_CHROMEDRIVER") or "/usr/bin/chromedriver"
OPTIONS = """--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --no-default-browser-check
    --disable-background-networking --disable-component-update --disable-sync --disable-default-apps
    --disable-extensions --disable-dev-shm-usage --hide-scrollbars --force-color-profile=srgb --no-proxy-server
    --password-store=basic --disable-features=Translate,OptimizationHints,MediaRouter,AutofillServerCommunication"""
WAIT_SECONDS = 15
# What the driver says when the page went away while it was read.
MOVED_ON = ("stale element", "does not belong to the document", "execution context")
# Pixels of a page on a screenshot.
LONGEST = 8000
SHAPES = [(width, scheme) for width in (1280, 360) for scheme in ("light", "dark")]


class Browser:
    """One Chromium with an empty profile. `javascript=False` is a browser in which it is switched off."""

    def __init__(self, url, axe="", javascript=True, language="en"):
        self.url, self.axe, self.javascript = url, axe, javascript
        self.profile = tempfile.TemporaryDirectory(prefix="mintmark-chromium.", ignore_cleanup_errors=True)
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for argument in OPTIONS.split() + [f"--user-data-dir={self.profile.name}", f"--lang={language}"]:
            options.add_argument(argument)
        preferences = {"intl.accept_languages": language, "credentials_enable_service": False}
        if not javascript:
            preferences["profile.managed_default_content_settings.javascript"] = 2
        options.add_experimental_option("prefs", preferences)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        try:
            self.driver = webdriver.Chrome(options=options, service=Service(CHROMEDRIVER))
        except WebDriverException as error:
            self.profile.cleanup()
            raise Failure(f"Chromium does not start: {error.msg}") from error
        self.shape(*SHAPES[0])
        self.driver.get("about:blank")
        self.complaints()  # What Chromium's own first page did.

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()
        self.profile.cleanup()

    # Going about.

    def shape(self, width, scheme, height=900):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def open(self, path):
        self.driver.get(path if "://" in path else self.url + path)

    def path(self):
        parts = urlsplit(self.driver.current_url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def all(self, css):
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def find(self, css, text=None):
        """The first visible element that fits, as soon as it is there; with `text`, one that shows it."""
        def look():
            return next((e for e in self.all(css) if e.is_displayed() and (text is None or text in e.text)), None)
        return self.until(look, f"{css!r}" + (f" with {text!r}" if text else ""))

    def until(self, ready, what, seconds=WAIT_SECONDS):
        end = time.monotonic() + seconds
        while True:
            try:
                if found := ready():
                    return found
            except WebDriverException as error:
                if not any(sign in str(error.msg) for sign in MOVED_ON):
                    raise
            if time.monotonic() > end:
                raise Failure(f"{what} does not appear at {self.path()}: {self.text()[:600]!r}")
            time.sleep(0.05)

    def text(self):
        found = self.all("body")
        return found[0].text if found else ""

    def click(self, css, text=None):
        self.find(css, text).click()

    def submit(self, css, text=None):
        """Clicks what leads to another page, and waits until it is there."""
        self.lead_on(self.find(css, text).click)

    def lead_on(self, act):
        before = self.driver.execute_script("return performance.timeOrigin")  # When a page began.
        act()
        self.until(lambda: self.driver.execute_script(
            "return performance.timeOrigin !== arguments[0] && document.readyState === 'complete'", before),
            "another page")

    def fill(self, css, value):
        field = self.find(css)
        field.clear()
        field.send_keys(value)

    def focused(self):
        return self.driver.switch_to.active_element

    def type(self, *texts):
        """Keys to whatever has the focus: texts, and names of keys such as TAB."""
        for text in texts:
            ActionChains(self.driver).send_keys(getattr(Keys, text, text)).perform()

    def press(self, key, leads_on=False):
        if leads_on:
            self.lead_on(lambda: self.type(key))
        else:
            self.type(key)

    def cookies(self):
        """Every cookie that this browser has of the server, by its name without the port at its end."""
        found = self.driver.execute_cdp_cmd("Network.getCookies", {"urls": [self.url + "/"]})["cookies"]
        return {cookie["name"].removesuffix(f"_{urlsplit(self.url).port}"): cookie for cookie in found}

    def allow_clipboard(self):
        self.driver.execute_cdp_cmd("Browser.grantPermissions", {
            "origin": self.url, "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]})

    def clipboard(self):
        return self.driver.execute_async_script(
            "navigator.clipboard.readText().then(arguments[0], error => arguments[0]('' + error))")

    # What is wrong.

    def complaints(self, expected=()):
        """Console messages, broken policies and foreign requests since the last time; but those with one of the
        `expected` texts, such as the status of a refusal that was asked for."""
        found = [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] != "DEBUG"]
        for entry in self.driver.get_log("performance"):
            event = json.loads(entry["message"])["message"]
            if event["method"] == "Network.requestWillBeSent":
                target = event["params"]["request"]["url"]
                if not target.startswith((self.url + "/", "data:", "about:", "blob:" + self.url)):
                    found.append(f"asks elsewhere: {target[:200]}")
        return [text for text in found if not any(part in text for part in expected)]

    def axe_violations(self):
        """What axe-core finds on the page as it stands."""
        self.driver.execute_script(self.axe)
        found = self.driver.execute_async_script("""
            const done = arguments[arguments.length - 1]
            axe.run(document, {resultTypes: ['violations']}).then(
              found => done(found.violations.map(v => `${v.id}: ${v.help}: ` +
                v.nodes.slice(0, 3).map(n => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')).join('; '))),
              error => done(['axe: ' + error]))""")
        return found

    def overflow(self):
        """By how many pixels the page is wider than the window."""
        return self.driver.execute_script(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def screenshot(self, file, whole=True):
        parameters = {"format": "png", "captureBeyondViewport": whole}
        if whole:
            size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
            parameters["clip"] = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], LONGEST),
                                  "scale": 1}
        image = self.driver.execute_cdp_cmd("Page.captureScreenshot", parameters)["data"]
        Path(file).write_bytes(base64.b64decode(image))
