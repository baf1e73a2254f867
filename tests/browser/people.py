"""What people do again and again: sign in, set a password of their own, make somebody who can sign in."""

from selenium.webdriver.support.select import Select

PASSWORD = "four quiet words here"


def sign_in(browser, login, password):
    browser.open("/console/sign-in")
    browser.fill("#login", login)
    browser.fill("#password", password)
    browser.submit("main button.main")


def change_password(browser, current, new, repeated=None):
    browser.fill("#current_password", current)
    browser.fill("#new_password", new)
    browser.fill("#repeat_password", new if repeated is None else repeated)
    browser.submit("main button.main")


def sign_in_first(browser, server):
    """The first administrator, with a password of their own; answers the login."""
    first = server.first_start()
    sign_in(browser, first["login"], first["password"])
    change_password(browser, first["password"], PASSWORD)
    return first["login"]


def make_user(server, login, role="member"):
    """Somebody with a temporary password, which is answered."""
    password = "temporary words for " + login
    server.command("user", "create", "--login", login, "--role", role, "--password-stdin", stdin=password)
    return password


def heading(browser):
    return browser.find("main h1").text


def say(browser):
    """What was done, as the next page says it."""
    return browser.find("main [role=status]").text


def tick(browser, *values):
    for value in values:
        browser.find(f"main input[value='{value}']").click()


def choose(browser, css, text):
    """The entry of a list that shows this."""
    Select(browser.find(css)).select_by_visible_text(text)


def find(browser, words):
    """Searches the list that the page shows."""
    browser.fill("main input[type=search]", words)
    browser.submit("main form[role=search] button")
