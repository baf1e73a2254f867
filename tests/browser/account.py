"""Signing in and out, the forced change of a temporary password, the profile, and one's sessions."""
from driver import Browser
from people import PASSWORD, change_password, heading, make_user, sign_in

# What Chromium says of a page that was refused, as it should be.
REFUSED = ["status of 422"]
SESSION = "mintmark_session"


def run(check, server, browser, look):
    first = server.first_start()
    note = server.home / "keys" / "first-start.txt"
    browser.open("/console")
    check("account: /console leads to the sign-in", browser.path() == "/console/sign-in", browser.path())
    check("account: and says nothing to somebody who just comes by", not browser.all("[role=status]"))
    look(browser, "sign-in")
    sign_in(browser, first["login"], "not the password")
    check("account: a wrong password is refused on the form", "wrong" in browser.find("main [role=alert]").text)
    check("account: nobody has a session by it", SESSION not in browser.cookies())
    look(browser, "sign-in-refused", expected=REFUSED)
    by_keyboard(check, browser, first)
    forced_change(check, browser, look, first)
    check("account: the file of the first sign-in is gone", not note.exists())
    session_cookie(check, browser)
    look(browser, "profile-notice")
    browser.open("/console/profile")
    check("account: what was done is said once", not browser.all("[role=status]"))
    check("account: the profile names who is signed in", first["login"] in browser.find("dl").text)
    look(browser, "profile")
    languages(check, browser, look)
    sessions(check, server, browser, look, first["login"])
    signing_out(check, browser, look, first["login"])
    a_member(check, server, browser, look)
    missing(check, browser, look)


def by_keyboard(check, browser, first):
    """From the address to the profile without a pointer."""
    browser.open("/console/sign-in")
    check("account: the login has the focus", browser.focused().get_attribute("id") == "login")
    browser.type(first["login"], "TAB", first["password"])
    browser.press("ENTER", leads_on=True)
    check("account: the keyboard alone signs in", browser.path() == "/console/profile/password", browser.path())
    browser.open(browser.path())
    browser.press("TAB")
    check("account: the first Tab shows the way past the navigation",
          browser.focused().get_attribute("class") == "skip" and browser.focused().location["x"] >= 0)
    browser.press("ENTER")
    check("account: and it leads to the content", browser.focused().get_attribute("id") == "content")


def forced_change(check, browser, look, first):
    look(browser, "password-forced")
    for path, way in (("/console/profile/sessions", "?next=/console/profile/sessions"), ("/console/profile", "")):
        browser.open(path)
        check(f"account: with a temporary password {path} leads to changing it",
              browser.path() == "/console/profile/password" + way, browser.path())
    change_password(browser, first["password"], PASSWORD, PASSWORD + "x")
    check("account: two new passwords that differ are refused", browser.find("#repeat_password-error"))
    change_password(browser, "not the password", PASSWORD)
    check("account: a wrong current password is refused", browser.find("#current_password-error"))
    change_password(browser, first["password"], "short")
    check("account: a short password is refused", browser.find("#new_password-error"))
    look(browser, "password-refused", expected=REFUSED)
    change_password(browser, first["password"], PASSWORD)
    check("account: the change leads to the profile and says so",
          browser.path() == "/console/profile" and browser.find("[role=status]"), browser.path())


def session_cookie(check, browser):
    cookie = browser.cookies()[SESSION]
    check("account: no script reads the session's cookie, and no other site sends it",
          cookie["httpOnly"] and cookie["sameSite"] in ("Lax", "Strict") and cookie["path"] == "/", cookie)


def languages(check, browser, look):
    language = "return document.documentElement.lang"
    check("account: the pages are in English first", browser.driver.execute_script(language) == "en")
    browser.submit("footer button[value=ru]")
    check("account: the same page in Russian", browser.driver.execute_script(language) == "ru" and
          browser.path() == "/console/profile" and heading(browser) == "Профиль", heading(browser))
    look(browser, "profile-ru")
    browser.open("/console/profile/password")
    look(browser, "password-ru")
    browser.submit("footer button[value=en]")
    check("account: and back", browser.driver.execute_script(language) == "en")


def rows(browser):
    return [row for row in browser.all("main tbody tr") if row.is_displayed()]


def sessions(check, server, browser, look, login):
    with Browser(server.url, javascript=browser.javascript) as other:
        sign_in(other, login, PASSWORD)
        check("account: a second browser signs in", other.path() == "/console/profile", other.path())
        browser.open("/console/profile/sessions")
        check("account: both sessions are listed", len(rows(browser)) == 2, browser.text())
        check("account: and only the other can be ended there", len(browser.all("main tbody button")) == 1)
        look(browser, "sessions")
        browser.submit("main tbody button")
        check("account: the other one is gone from the list", len(rows(browser)) == 1, browser.text())
        other.open("/console/profile/sessions")
        check("account: and has to sign in again", other.path().startswith("/console/sign-in"), other.path())
        other.fill("#login", login)
        other.fill("#password", PASSWORD)
        other.submit("main button.main")
        check("account: signed in again it is where it wanted to go", other.path() == "/console/profile/sessions",
              other.path())
        browser.open("/console/profile/password")
        change_password(browser, PASSWORD, PASSWORD + " too")
        other.open("/console/profile")
        check("account: a changed password ends the other sessions", other.path().startswith("/console/sign-in"))
        browser.open("/console/profile/password")
        change_password(browser, PASSWORD + " too", PASSWORD)
        sign_in(other, login, PASSWORD)
        browser.open("/console/profile/sessions")
        browser.submit("main button.danger")
        check("account: signing out everywhere ends this one", browser.path() == "/console/sign-in", browser.path())
        look(browser, "sign-in-notice")
        other.open("/console/profile")
        check("account: and the other", other.path().startswith("/console/sign-in"), other.path())
        look.quiet(other, "account, the second browser")


def signing_out(check, browser, look, login):
    sign_in(browser, login, PASSWORD)
    before = browser.cookies()[SESSION]
    browser.submit("header form button")
    check("account: signing out leads to the sign-in", browser.path() == "/console/sign-in", browser.path())
    check("account: and takes the cookie", SESSION not in browser.cookies())
    browser.driver.back()
    browser.until(lambda: browser.all("main h1"), "a page after Back")
    check("account: Back shows nothing of the session", browser.path().startswith("/console/sign-in")
          and not browser.all("header form"), browser.text()[:200])
    browser.driver.add_cookie({"name": before["name"], "value": before["value"], "path": "/", "httpOnly": True})
    browser.open("/console/profile")
    check("account: the old cookie opens nothing", browser.path().startswith("/console/sign-in"), browser.path())
    look.quiet(browser, "account, signed out")


def a_member(check, server, browser, look):
    password = make_user(server, "Пользователь")
    sign_in(browser, "пОЛЬЗОВАТЕЛЬ", password)
    check("account: a login is found in any case", browser.path() == "/console/profile/password", browser.path())
    change_password(browser, password, PASSWORD)
    browser.open("/console/profile")
    look(browser, "profile-member")


def missing(check, browser, look):
    browser.open("/console/nothing")
    check("account: what is not there is a page that says so", "Not found" in heading(browser), heading(browser))
    look(browser, "not-found", expected=["status of 404"])
