"""A second factor (RFC 6238): switched on, asked for at the sign-in, done without by a recovery code, off again."""
import hashlib
import hmac
import struct
import time
from base64 import b32decode
from urllib.parse import parse_qs, urlsplit

from people import PASSWORD, sign_in, sign_in_first

HERE = "/console/profile/second-factor"
STEP_SECONDS = 30
REFUSED = ["status of 422"]


class App:
    """The app on the phone. A code counts once, so it shows the next one when asked again within a step."""

    def __init__(self, secret):
        self.key, self.step = b32decode(secret), 0

    def code(self):
        self.step = max(self.step + 1, int(time.time()) // STEP_SECONDS)
        return self.code_at(self.step)

    def code_at(self, step):
        digest = hmac.digest(self.key, struct.pack(">Q", step), hashlib.sha1)
        place = digest[-1] & 15
        return f"{(struct.unpack('>I', digest[place:place + 4])[0] & 0x7fffffff) % 1_000_000:06}"


def confirm(browser, password):
    """Gives the password again, where a page asks for it."""
    browser.fill("#current_password", password)
    browser.submit("main form button.main, main form button.danger")


def give_code(browser, code):
    browser.fill("#code", code)
    browser.submit("main form button.main")


def run(check, server, browser, look):
    login = sign_in_first(browser, server)
    app, codes = switch_on(check, browser, look)
    at_sign_in(check, browser, look, login, app)
    by_recovery_code(check, browser, look, login, codes)
    browser.open(HERE)
    check("second factor: the used codes are counted", f"{len(codes) - 2} recovery codes" in browser.text())
    browser.submit("main a.danger")
    confirm(browser, PASSWORD)
    check("second factor: it is off again", browser.path() == HERE and browser.find("[role=status]")
          and "off" in browser.find("main").text, browser.text())
    browser.submit("header form button")
    sign_in(browser, login, PASSWORD)
    check("second factor: the password alone signs in then", browser.path() == "/console/profile", browser.path())


def switch_on(check, browser, look):
    browser.open(HERE)
    look(browser, "second-factor-off")
    browser.submit("main a.main")
    look(browser, "second-factor-ask")
    confirm(browser, "not the password")
    check("second factor: it takes the password", browser.find("#current_password-error"))
    confirm(browser, PASSWORD)
    secret = browser.find("#secret").text.replace(" ", "")
    address = urlsplit(browser.find("main a[href^='otpauth:']").get_attribute("href"))
    check("second factor: the address carries the secret that is shown",
          parse_qs(address.query).get("secret") == [secret], address.query.replace(secret, "..."))
    look(browser, "second-factor-set-up", expected=REFUSED)
    app = App(secret)
    give_code(browser, wrong_code(app))
    check("second factor: a wrong code does not switch it on", browser.find("#code-error"))
    look(browser, "second-factor-set-up-refused", expected=REFUSED)
    give_code(browser, app.code())
    shown = browser.find("#codes")
    codes = shown.text.split()
    check("second factor: recovery codes are shown, all different", len(set(codes)) == len(codes) >= 8, len(codes))
    look(browser, "second-factor-codes")
    copying(check, browser, shown.text)
    browser.submit("main a.button")
    check("second factor: it is on", f"{len(codes)} recovery codes" in browser.text(), browser.text())
    look(browser, "second-factor-on")
    browser.driver.back()
    check("second factor: Back does not show the codes again", not any(c in browser.driver.page_source for c in codes))
    look.quiet(browser, "second factor, after Back", expected=["ERR_CACHE_MISS"])
    return app, codes


def copying(check, browser, text):
    """With JavaScript a button copies; without it there is none to be disappointed by."""
    buttons = [button for button in browser.all("main button[data-copy]") if button.is_displayed()]
    check("second factor: what can be copied has a button", bool(buttons) == browser.javascript, buttons)
    if buttons:
        browser.allow_clipboard()
        buttons[0].click()
        browser.until(lambda: buttons[0].text == buttons[0].get_attribute("data-copied"), "the word that it was copied")
        check("second factor: and it copies", browser.clipboard().split() == text.split())


def wrong_code(app):
    """Six digits that are no code of these minutes."""
    now = int(time.time()) // STEP_SECONDS
    right = {app.code_at(step) for step in range(now - 3, now + 4)}
    return next(code for code in ("000000", "111111", "222222", "333333", "444444", "555555", "666666", "777777")
                if code not in right)


def at_sign_in(check, browser, look, login, app):
    used = app.code_at(app.step)
    browser.open("/console/profile")
    browser.submit("header form button")
    sign_in(browser, login, PASSWORD)
    check("second factor: the sign-in asks for a code", browser.path().startswith("/console/sign-in/code"),
          browser.path())
    look(browser, "sign-in-code")
    browser.open("/console/profile/sessions")
    check("second factor: without it there is no session", browser.path().startswith("/console/sign-in"),
          browser.path())
    sign_in(browser, login, PASSWORD)
    give_code(browser, used)
    check("second factor: a code that was used is refused", browser.find("main [role=alert]"))
    look(browser, "sign-in-code-refused", expected=REFUSED)
    give_code(browser, app.code())
    check("second factor: the next one signs in", browser.path() == "/console/profile", browser.path())


def by_recovery_code(check, browser, look, login, codes):
    for attempt, code in (("a recovery code", codes[0]), ("the same once more", codes[0])):
        browser.submit("header form button")
        sign_in(browser, login, PASSWORD)
        give_code(browser, code)
        if attempt == "a recovery code":
            check("second factor: a recovery code signs in", browser.path() == "/console/profile", browser.path())
    check("second factor: but only once", browser.find("main [role=alert]"))
    look.quiet(browser, "second factor, recovery codes", expected=REFUSED)
    give_code(browser, codes[1])
