"""The administration of people: users, user lists, signing keys, the audit log; each page opened, used, looked at."""
import csv
import time

from selenium.webdriver.support.select import Select

from driver import SHAPES, Browser
from people import PASSWORD, change_password, choose, find, heading, make_user, say, sign_in, sign_in_first
from second_factor import App, confirm, give_code

USERS = "/console/admin/users"
LISTS = "/console/admin/user-lists"
SIGNING_KEYS = "/console/admin/signing-keys"
AUDIT = "/console/admin/audit"
LOGIN = "Анна.Кузнецова"
REFUSED = ["status of 422"]
REPEATED = ["status of 409", "ERR_CACHE_MISS"]
# An id that a spreadsheet would run.
FORMULA = "=HYPERLINK(1)"
DOWNLOAD_SECONDS = 10


def run(check, server, browser, look):
    admin = sign_in_first(browser, server)
    navigation(check, browser, look)
    lists(check, browser, look)
    password = create(check, browser, look)
    with Browser(server.url, browser.axe, browser.javascript) as other:
        forced_change(check, other, look, password)
        search(check, browser, look)
        access(check, browser, other, look)
        reset_password(check, browser, other, look)
        second_factor(check, browser, other, look)
        role(check, browser, other, look)
        look.quiet(other, "admin, the user's own browser", expected=REFUSED + ["status of 403"])
    keys(check, server, browser, look)
    last_administrator(check, browser, look, admin)
    delete_list(check, browser, look)
    delete_user(check, browser, look)
    many(check, server, browser, look)
    signing_keys(check, server, browser, look)
    audit(check, server, browser, look)
    a_member(check, server, browser, look)


def rows(browser):
    return browser.all("main tbody tr")


def open_user(browser, login=LOGIN):
    browser.open(USERS)
    browser.submit("main tbody a", login)


def act(browser, name, login=LOGIN):
    open_user(browser, login)
    browser.submit(f"main form[action$='/{name}'] button")


def navigation(check, browser, look):
    """Every page of the administration is one step away, also on a phone."""
    browser.open("/console/profile")
    look(browser, "admin-profile")
    paths = [link.get_attribute("href").removeprefix(browser.url) for link in browser.all("header nav a")]
    for path in (USERS, LISTS, SIGNING_KEYS, AUDIT, "/console/admin/applications", "/console/admin/clients"):
        check(f"admin: the navigation leads to {path}", path in paths, paths)
    browser.shape(360, "light")
    check("admin: on a phone the navigation is a menu", not any(link.is_displayed() for link in browser.all("nav a")))
    browser.click("header summary")
    browser.find(f"header nav a[href='{AUDIT}']")
    look(browser, "admin-menu")
    browser.shape(*SHAPES[0])
    browser.open("/console/nothing")
    check("admin: a page that is not there keeps the navigation", "Not found" in heading(browser)
          and browser.find(f"header nav a[href='{USERS}']"))
    look(browser, "admin-not-found", expected=["status of 404"])


def lists(check, browser, look):
    browser.open(LISTS)
    browser.fill("#presentation", "   ")
    browser.submit("main form.inline button")
    check("admin: a list without a name is refused at its field", browser.find("#presentation-error"))
    look(browser, "admin-user-lists-refused", expected=REFUSED)
    for name in ("Поставщики", "Ёлочные игрушки"):
        browser.fill("#presentation", name)
        browser.submit("main form.inline button")
        check(f"admin: the list {name} is made, and said to be", name in say(browser), say(browser))
    look(browser, "admin-user-lists")
    find(browser, "поСТАВ")
    check("admin: lists are found in any case", len(rows(browser)) == 1 and "Поставщики" in browser.text(),
          browser.text())
    find(browser, "nowhere")
    check("admin: and it says when none is", not rows(browser))
    look(browser, "admin-user-lists-not-found")


def create(check, browser, look):
    """A user with a temporary password, which is answered."""
    browser.open(USERS)
    look(browser, "admin-users")
    browser.submit("main a.main")
    look(browser, "admin-user-new")
    browser.fill("#login", "with spaces")
    browser.fill("#email", "nonsense")
    browser.submit("main form.stack button.main")
    check("admin: what is wrong is said at its field", browser.find("#login-error"))
    look(browser, "admin-user-new-refused", expected=REFUSED)
    browser.fill("#login", LOGIN)
    browser.fill("#presentation", "Анна Сергеевна Кузнецова")
    browser.fill("#email", "anna@example.org")
    browser.fill("#phone", "+7 900 000-00-00")
    choose(browser, "#list", "Поставщики")
    browser.submit("main form.stack button.main")
    password = browser.find("#password").text
    check("admin: the temporary password is shown, with the login", len(password) == 20
          and browser.find("#login").text == LOGIN)
    look(browser, "admin-user-made")
    browser.driver.refresh()
    check("admin: sent again, the form makes nobody and shows nothing", password not in browser.driver.page_source
          and "Already done" in browser.text(), browser.text()[:300])
    look(browser, "admin-user-again", expected=REPEATED)
    browser.open(USERS)
    check("admin: there is one more user and no second of them", len(rows(browser)) == 2, browser.text())
    for _ in range(2):
        browser.driver.back()
        check("admin: Back does not show the password", password not in browser.driver.page_source)
    look.quiet(browser, "admin, after Back", expected=REPEATED + REFUSED)
    return password


def forced_change(check, other, look, password):
    sign_in(other, LOGIN, password)
    check("admin: the temporary password must be changed first", other.path() == "/console/profile/password",
          other.path())
    other.open("/console/profile/keys")
    check("admin: before anything else",
          other.path() == "/console/profile/password?next=/console/profile/keys", other.path())
    change_password(other, password, PASSWORD)
    check("admin: then the user is where they wanted to", other.path() == "/console/profile/keys", other.path())


def search(check, browser, look):
    for words in ("КУЗНЕЦОВА", "сергеев", "анна@", "900 000", "ANNA@EXAMPLE"):
        browser.open(USERS)
        find(browser, words)
        found = len(rows(browser))
        check(f"admin: {words} finds {'nobody' if words == 'анна@' else 'the user'}", found == (words != "анна@"),
              browser.text())
    look(browser, "admin-users-found")
    find(browser, "<nobody>")
    check("admin: and it says when nobody is found", not rows(browser) and "<nobody>" in browser.find("main").text)
    look(browser, "admin-users-not-found")


def access(check, browser, other, look):
    open_user(browser)
    check("admin: the page names the list that the user is in", "Поставщики" in browser.find("main dl").text,
          browser.find("main dl").text)
    look(browser, "admin-user")
    act(browser, "disable")
    check("admin: that the user is disabled is said", LOGIN in say(browser) and "disabled" in heading(browser))
    look(browser, "admin-user-disabled")
    other.open("/console/profile")
    check("admin: the session of a disabled user ends", other.path().startswith("/console/sign-in"), other.path())
    sign_in(other, LOGIN, PASSWORD)
    check("admin: and they cannot sign in", "wrong" in other.find("main [role=alert]").text, other.text())
    act(browser, "enable")
    sign_in(other, LOGIN, PASSWORD)
    check("admin: enabled, they can", other.path() == "/console/profile", other.path())
    act(browser, "sign-out")
    check("admin: signing out is said", LOGIN in say(browser), say(browser))
    other.open("/console/profile")
    check("admin: and it counts", other.path().startswith("/console/sign-in"), other.path())
    look.quiet(browser, "admin, access")


def reset_password(check, browser, other, look):
    act(browser, "password")
    password = browser.find("#password").text
    look(browser, "admin-user-password")
    sign_in(other, LOGIN, PASSWORD)
    check("admin: after a reset the former password is refused", other.find("main [role=alert]"))
    sign_in(other, LOGIN, password)
    check("admin: the new one must be changed", other.path() == "/console/profile/password", other.path())
    change_password(other, password, PASSWORD)


def second_factor(check, browser, other, look):
    open_user(browser)
    check("admin: no second factor, nothing to reset", not browser.all("main form[action$='/second-factor']"))
    other.open("/console/profile/second-factor/set-up")
    confirm(other, PASSWORD)
    give_code(other, App(other.find("#secret").text.replace(" ", "")).code())
    other.find("#codes")
    open_user(browser)
    look(browser, "admin-user-second-factor")
    act(browser, "second-factor")
    check("admin: that the second factor is off is said", LOGIN in say(browser), say(browser))
    other.submit("header form button")
    sign_in(other, LOGIN, PASSWORD)
    check("admin: the password alone signs in then", other.path() == "/console/profile", other.path())


def role(check, browser, other, look):
    other.open(USERS)
    check("admin: a member may not open the administration", "Not allowed" in heading(other), heading(other))
    look(other, "admin-forbidden", expected=["status of 403"] + REFUSED)
    open_user(browser)
    browser.submit("main a[href$='/edit']")
    look(browser, "admin-user-edit")
    browser.fill("#phone", "call me")
    browser.submit("main form.stack button.main")
    check("admin: what is wrong with a change is said at its field", browser.find("#phone-error"))
    look(browser, "admin-user-edit-refused", expected=REFUSED)
    browser.fill("#phone", "")
    choose(browser, "#role", "Administrator")
    browser.submit("main form.stack button.main")
    check("admin: the change is said", LOGIN in say(browser) and "Administrator" in browser.text(), browser.text())
    other.open(USERS)
    check("admin: a promotion ends the sessions", other.path().startswith("/console/sign-in"), other.path())
    sign_in(other, LOGIN, PASSWORD)
    other.open(USERS)
    check("admin: and counts from the next sign-in on", heading(other) == "Users", heading(other))
    open_user(browser)
    browser.submit("main a[href$='/edit']")
    choose(browser, "#role", "Member")
    browser.submit("main form.stack button.main")
    other.open(USERS)
    check("admin: so does a demotion", other.path().startswith("/console/sign-in"), other.path())
    sign_in(other, LOGIN, PASSWORD)
    other.open(USERS)
    check("admin: and it counts", "Not allowed" in heading(other), heading(other))


def keys(check, server, browser, look):
    for number in range(3):
        server.command("client", "create", "--user", LOGIN, "--scope", "openid", "--expires-in", "7d",
                       "--description", f"Робот {number}")
    open_user(browser)
    check("admin: the page lists the user's keys", "Робот 2" in browser.find("main").text, browser.text())
    look(browser, "admin-user-keys")


def last_administrator(check, browser, look, login):
    open_user(browser, login)
    browser.submit("main a[href$='/edit']")
    choose(browser, "#role", "Member")
    browser.submit("main form.stack button.main")
    check("admin: the last administrator stays one", "last administrator" in browser.find("main [role=alert]").text)
    look.quiet(browser, "admin, the last administrator's role", expected=REFUSED)
    open_user(browser, login)
    browser.submit("main a[href$='/delete']")
    browser.fill("#login", login)
    browser.submit("main form button.danger")
    check("admin: and is not deleted", "last administrator" in browser.find("#login-error").text)
    look(browser, "admin-user-delete-refused", expected=REFUSED)


def delete_list(check, browser, look):
    browser.open(LISTS)
    browser.submit("main tbody a", "Поставщики")
    check("admin: a list's page names who is in it", [row.text.split()[0] for row in rows(browser)] == [LOGIN],
          browser.text())
    look(browser, "admin-user-list")
    find(browser, "кузнецова")
    check("admin: they are found in any case", len(rows(browser)) == 1, browser.text())
    find(browser, "admin")
    check("admin: who is in another list is not", not rows(browser), browser.text())
    browser.submit("main a[href$='/delete']")
    look(browser, "admin-user-list-delete")
    browser.submit("main form button.danger")
    check("admin: a list with users in it stays", "cannot be deleted" in browser.find("main [role=alert]").text)
    look(browser, "admin-user-list-delete-refused", expected=REFUSED)
    browser.open(LISTS)
    browser.submit("main tbody a", "Ёлочные игрушки")
    look(browser, "admin-user-list-empty")
    browser.submit("main a.main")
    chosen = Select(browser.find("#list")).first_selected_option.text
    check("admin: a user made from a list's page is to be in it", chosen == "Ёлочные игрушки", chosen)
    browser.driver.back()
    browser.submit("main a[href$='/delete']")
    browser.submit("main form button.danger")
    check("admin: an empty one goes", browser.path() == LISTS and "Ёлочные игрушки" in say(browser)
          and len(rows(browser)) == 2, browser.text())


def delete_user(check, browser, look):
    open_user(browser)
    browser.submit("main a[href$='/delete']")
    look(browser, "admin-user-delete")
    browser.fill("#login", "anna")
    browser.submit("main form button.danger")
    check("admin: another login does not delete the user", browser.find("#login-error"))
    browser.fill("#login", LOGIN)
    browser.submit("main form button.danger")
    check("admin: the login does", browser.path() == USERS and LOGIN in say(browser), browser.path())
    check("admin: and the user is gone", len(rows(browser)) == 1, browser.text())
    look.quiet(browser, "admin, a user deleted", expected=REFUSED)


def many(check, server, browser, look):
    token = server.token(server.command("client", "create", "--user", "admin", "--description", "many users",
                                        "--expires-in", "1d", "--provisions-users"))
    users = server.must("GET", "/console/api/v2/user-lists", token)[0]["id"]
    for number in range(27):
        login = f"user{number:02}" + ".of-a-long-name" * (number % 7)
        server.must("POST", f"/console/api/v2/user-lists/{users}/users", token, {
            "login": login, "presentation": f"Пользователь {number}" + " Длиннофамильный" * (number % 4),
            "temporary-password": "to be changed soon"})
    browser.open(USERS)
    look(browser, "admin-users-many")
    browser.submit("main nav.pager a[rel=next]")
    check("admin: the rest of the users is on another page", len(rows(browser)) == 3, browser.path())
    browser.submit("footer button[value=ru]")
    browser.open(USERS)
    look(browser, "admin-users-ru")
    browser.submit("main tbody a", "user06")
    look(browser, "admin-user-ru")
    browser.open(LISTS)
    look(browser, "admin-user-lists-ru")
    browser.open(AUDIT)
    look(browser, "admin-audit-ru")
    browser.submit("footer button[value=en]")


def signing_keys(check, server, browser, look):
    browser.open(SIGNING_KEYS)
    published = {key["kid"] for key in server.must("GET", "/.well-known/jwks.json")["keys"]}
    shown = {row.text for row in browser.all("main tbody th code")}
    check("admin: the signing keys are the published ones", shown == published, shown)
    check("admin: and there is nothing to press", not browser.all("main button, main a.button"))
    look(browser, "admin-signing-keys")


def filter_by(browser, **fields):
    browser.open(AUDIT)
    for name, value in fields.items():
        browser.fill(f"#{name}", value)
    browser.submit("main form[role=search] button")


def audit(check, server, browser, look):
    secret = "s" * 40
    server.command("client", "import", "--id", FORMULA, "--secret-stdin", "--service", "from a spreadsheet",
                   stdin=secret)
    browser.open(AUDIT)
    look(browser, "admin-audit")
    for fields, count in (({"kind": "user_list.created"}, 3), ({"search": "ёлочные"}, 2),
                          ({"object_kind": "user_list", "search": "поставщики"}, 1), ({"object_id": FORMULA}, 1),
                          ({"kind": "no.such"}, 0)):
        filter_by(browser, **fields)
        check(f"admin: the audit log filtered by {fields} has {count}", len(rows(browser)) == count, browser.text())
    look(browser, "admin-audit-nothing")
    filter_by(browser, kind="user.deleted")
    check("admin: what was typed stays in the filter", browser.find("#kind").get_attribute("value") == "user.deleted")
    look(browser, "admin-audit-filtered")
    browser.open(AUDIT + "?from=yesterday")
    check("admin: a date that is none is said to be", "year-month-day" in browser.text(), browser.text())
    look(browser, "admin-audit-wrong-date", expected=["status of 400"])
    export(check, server, browser, secret)
    look.quiet(browser, "admin, the audit log")


def export(check, server, browser, secret):
    browser.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {
        "behavior": "allow", "downloadPath": str(server.home)})
    filter_by(browser, object_kind="service_client")
    browser.click("main a[href*='audit.csv']")
    file, end = server.home / "audit.csv", time.monotonic() + DOWNLOAD_SECONDS
    # Chromium holds the name with an empty file until all has come.
    while not (file.exists() and file.stat().st_size) and time.monotonic() < end:
        time.sleep(0.05)
    with open(file, newline="", encoding="utf-8") as text:
        table = list(csv.DictReader(text))
    kinds = {row["object-kind"] for row in table}
    check("admin: the file has what the filter lets through", kinds == {"service_client"}, kinds)
    imported = [row["object-id"] for row in table if row["kind"] == "client.imported"]
    check("admin: a cell that a spreadsheet would run is quoted", imported == ["'" + FORMULA], imported)
    check("admin: and no cell begins like a formula",
          not [cell for row in table for cell in row.values() if cell.startswith(tuple("=+-@\t\r"))])
    check("admin: no secret is in the file", secret not in file.read_text())


def a_member(check, server, browser, look):
    """Who is no administrator has no way there."""
    login = "member"
    password = make_user(server, login)
    browser.submit("header form button")
    sign_in(browser, login, password)
    change_password(browser, password, PASSWORD)
    check("admin: a member's navigation has no administration", not browser.all("header nav a[href^='/console/admin']"))
    look.quiet(browser, "admin, a member")
