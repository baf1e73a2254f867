"""Access keys on the profile page: made, used, watched, rotated, changed, cut off and deleted."""
import subprocess

from people import PASSWORD, change_password, find, heading, make_user, say, sign_in, sign_in_first, tick

KEYS = "/console/profile/keys"
NAME = "Сборщик «ночной»"
REFUSED = ["status of 422"]
# The form was sent again: nothing is made.
REPEATED = ["status of 409", "ERR_CACHE_MISS"]
# Uses are written in batches, each ten seconds.
FLUSH_SECONDS = 25
# The rows of the page's first table; the other one lists events.
SECRETS = "main table:first-of-type tbody tr"


def run(check, server, browser, look):
    sign_in_first(browser, server)
    browser.open(KEYS)
    first = browser.find("main tbody a").text
    check("keys: the first start's key is listed", first, browser.text())
    key = create(check, server, browser, look)
    shown_once(check, browser, look, key)
    use(check, server, browser, look, key)
    rotate(check, server, browser, look, key)
    edit(check, server, browser, look, key)
    switch(check, server, browser, look, key)
    delete(check, server, browser, look, key)
    browser.submit("header form button")
    a_member(check, server, browser, look)


def create(check, server, browser, look):
    browser.submit("main a.main")
    ticked = [box.get_attribute("value") for box in browser.all("main input[name=scope]") if box.is_selected()]
    check("keys: no scope is ticked to begin with", not ticked, ticked)
    chosen = [radio.get_attribute("value") for radio in browser.all("main input[name=expiry]") if radio.is_selected()]
    check("keys: 30 days are chosen to begin with", chosen == ["30"], chosen)
    look(browser, "key-new")
    browser.fill("#name", NAME)
    tick(browser, "openid", "applications:read", "users:read")
    browser.fill("#networks", "nonsense")
    if browser.javascript:
        preview = browser.find("#preview").text
        check("keys: one line says what the key will be able to do, and until when",
              "see applications" in preview and "UTC" in preview, preview)
    else:
        browser.submit("main form.wide noscript button")
        preview = browser.find("#preview").text
        check("keys: without JavaScript a button brings that line up to date, and makes nothing",
              "see applications" in preview and "UTC" in preview and not browser.all("#client-secret"), preview)
    browser.submit("main form.wide button.main")
    check("keys: what is wrong is said at its field", browser.find("#networks-error"))
    check("keys: and what was typed is still there", browser.find("#name").get_attribute("value") == NAME
          and browser.find("main input[value='applications:read']").is_selected())
    check("keys: without JavaScript the line is the server's",
          "see applications" in browser.find("#preview").text, browser.find("#preview").text)
    look(browser, "key-new-refused", expected=REFUSED)
    browser.fill("#networks", "127.0.0.0/8 ::1")
    browser.submit("main form.wide button.main")
    return {"client_id": browser.find("#client-id").text, "client_secret": browser.find("#client-secret").text}


def shown_once(check, browser, look, key):
    secret = key["client_secret"]
    check("keys: id and secret are shown", key["client_id"].startswith("mmk_") and secret.startswith("mms_"))
    look(browser, "key-secret")
    pasted = subprocess.run(["sh", "-c", browser.find("#curl").text + " -s --noproxy '*'"], capture_output=True,
                            text=True, timeout=30)
    check("keys: the curl line, pasted, answers a token", '"access_token":"' in pasted.stdout, pasted.stdout)
    script = browser.find("#environment").text + '\necho "$MINTMARK_CLIENT_ID $MINTMARK_CLIENT_SECRET"'
    pasted = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=30)
    check("keys: so do the variables", pasted.stdout.split() == list(key.values()))
    if browser.javascript:
        browser.allow_clipboard()
        browser.click("main button[data-copy=client-secret]")
        browser.until(lambda: browser.clipboard() == secret, "the secret on the clipboard")
    browser.submit("main a.main")
    browser.driver.back()
    check("keys: one step back does not show the secret", secret not in browser.driver.page_source)
    browser.driver.refresh()
    check("keys: sent again, the form makes nothing and shows nothing", secret not in browser.driver.page_source
          and "Already done" in browser.text(), browser.text()[:300])
    look(browser, "key-again", expected=REPEATED)
    browser.open(KEYS)
    check("keys: there is one more key and no second of them", len(browser.all(SECRETS)) == 2, browser.text())
    for _ in range(3):
        browser.driver.back()
        check("keys: Back does not show the secret", secret not in browser.driver.page_source)
    look.quiet(browser, "keys, after Back", expected=REPEATED + REFUSED)


def page_of(browser, key):
    browser.open(f"{KEYS}/{key['client_id']}")


def use(check, server, browser, look, key):
    status, answer = server.ask_for_token(key)
    check("keys: the secret gets a token of the scopes that were ticked",
          status == 200 and answer["scope"] == "openid applications:read users:read", answer)
    status, _ = server.send("GET", "/console/api/v2/applications", answer["access_token"])
    check("keys: which reads applications", status == 200, status)

    def seen():
        page_of(browser, key)
        # The token and the call may be written by two batches.
        return "from 127.0.0.1" in browser.find("main dl").text and "never used: users:read" in browser.text()
    browser.until(seen, "the last use on the key's page", FLUSH_SECONDS)
    check("keys: the page tells what was never used", "never used: users:read" in browser.text(), browser.text())
    check("keys: and draws the tokens of each day", browser.find("main figure svg").get_attribute("aria-label"))
    look(browser, "key")
    browser.open(KEYS)
    look(browser, "keys")
    find(browser, "сборщик")
    check("keys: a search finds it in any case", len(browser.all("main tbody tr")) == 1, browser.text())
    find(browser, "nobody")
    check("keys: and says when nothing is found", not browser.all("main tbody tr"), browser.text())
    look(browser, "keys-not-found")


def rotate(check, server, browser, look, key):
    page_of(browser, key)
    browser.submit(f"main a[href$='{key['client_id']}/rotate']")
    chosen = [radio.get_attribute("value") for radio in browser.all("main input[type=radio]") if radio.is_selected()]
    check("keys: the old secret ends in 24 hours unless chosen otherwise", chosen == ["86400"], chosen)
    look(browser, "key-rotate")
    browser.submit("main form.stack button.main")
    new = {"client_id": browser.find("#client-id").text, "client_secret": browser.find("#client-secret").text}
    look(browser, "key-rotated")
    check("keys: rotation gives another secret of the same key",
          new["client_id"] == key["client_id"] and new["client_secret"] != key["client_secret"])
    both = [server.ask_for_token(one)[0] for one in (key, new)]
    check("keys: both secrets work", both == [200, 200], both)
    browser.open(KEYS)
    row = next(row.text for row in browser.all("main tbody tr") if key["client_id"] in row.text)
    check("keys: while both live, the row tells of each", "older:" in row and "newest:" in row, row)
    look(browser, "keys-two-secrets")
    page_of(browser, key)
    check("keys: the page lists both", len(browser.all(SECRETS)) == 2, browser.text())
    browser.submit(f"main a[href$='{key['client_id']}/rotate']")
    look(browser, "key-rotate-two")
    browser.submit("main form.stack button.main")
    check("keys: a third secret is refused", browser.find("main [role=alert]"))
    look.quiet(browser, "keys, a third secret", expected=REFUSED)
    page_of(browser, key)
    look(browser, "key-two-secrets")
    browser.submit("main tbody form button")
    check("keys: removing a secret that was used today asks again", "in use" in heading(browser), heading(browser))
    look(browser, "key-secret-in-use")
    browser.submit("main form button.danger")
    check("keys: the old secret is gone", len(browser.all(SECRETS)) == 1 and say(browser), browser.text())
    both = [server.ask_for_token(one)[0] for one in (key, new)]
    check("keys: the old one is refused at once, the new one works", both == [401, 200], both)
    key.update(new)


def edit(check, server, browser, look, key):
    page_of(browser, key)
    browser.submit(f"main a[href$='{key['client_id']}/edit']")
    look(browser, "key-edit")
    tick(browser, "applications:read", "users:read")
    browser.fill("#name", NAME + " 2")
    browser.submit("main form.wide button.main")
    check("keys: the change is said, with the name", NAME + " 2" in say(browser), say(browser))
    status, answer = server.ask_for_token(key)
    check("keys: the next token is narrower", (status, answer["scope"]) == (200, "openid"), answer)


def switch(check, server, browser, look, key):
    token = server.token(key)

    def works():
        return [server.ask_for_token(key)[0], server.send("GET", "/console/api/v2/me", token)[0]]

    def act(name):
        page_of(browser, key)
        browser.submit(f"main form[action$='{key['client_id']}/{name}'] button")
        return say(browser)
    check("keys: before, key and token work", works() == [200, 200], works())
    act("disable")
    look(browser, "key-disabled")
    check("keys: disabled, the key and its token are refused", works() == [401, 401], works())
    act("enable")
    check("keys: enabled, the key works and the old token does not", works() == [200, 401], works())
    token = server.token(key)
    act("cut-off")
    check("keys: cut off, the old token is refused and the key works", works() == [200, 401], works())
    look.quiet(browser, "keys, switched")


def delete(check, server, browser, look, key):
    page_of(browser, key)
    browser.submit(f"main a[href$='{key['client_id']}/delete']")
    look(browser, "key-delete")
    browser.fill("#name", NAME)
    browser.submit("main form button.danger")
    check("keys: another name does not delete it", browser.find("#name-error"))
    browser.fill("#name", NAME + " 2")
    browser.submit("main form button.danger")
    check("keys: its name does", browser.path() == KEYS and NAME + " 2" in say(browser), browser.path())
    status, answer = server.ask_for_token(key)
    check("keys: and it is refused", (status, answer["error"]) == (401, "invalid_client"), answer)
    page_of(browser, key)
    check("keys: its page is gone", "Not found" in heading(browser), heading(browser))
    look.quiet(browser, "keys, deleted", expected=REFUSED + ["status of 404"])


def a_member(check, server, browser, look):
    """What a member may give, an empty list, a long one, and both languages."""
    login = "Аполлинарий-Константинович.Верхнеднепровский@example.org"
    password = make_user(server, login)
    sign_in(browser, login, password)
    change_password(browser, password, PASSWORD)
    browser.open(KEYS)
    look(browser, "keys-empty")
    browser.open(f"{KEYS}/new")
    offered = [box.get_attribute("value") for box in browser.all("main input[name=scope]")]
    check("keys: a member is offered a member's scopes",
          offered == ["openid", "applications:read", "users:read", "keys:read", "keys:write"], offered)
    for number in range(30):
        server.command("client", "create", "--user", login, "--scope", "openid keys:read", "--expires-in",
                       f"{number + 1}d", "--description", f"Robot {number}" + " of the long name" * (number % 6))
    browser.open(KEYS)
    look(browser, "keys-many")
    browser.submit("main nav.pager a[rel=next]")
    check("keys: the rest is on another page", len(browser.all("main tbody tr")) == 5, browser.path())
    browser.submit("footer button[value=ru]")
    look(browser, "keys-ru")
    browser.open(f"{KEYS}/new")
    look(browser, "key-new-ru")
    browser.open(KEYS)
    browser.submit("main tbody a")
    look(browser, "key-ru")
