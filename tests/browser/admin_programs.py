"""The administration of programs: applications with their scopes and users, service clients and their secrets."""
import subprocess

from people import choose, find, heading, make_user, say, sign_in_first, tick

APPLICATIONS = "/console/admin/applications"
CLIENTS = "/console/admin/clients"
NAME = "Склад «Север»"
SERVICE = "Обмен с <складом>"
LOGIN = "Пользователь"
REFUSED = ["status of 422"]
REPEATED = ["status of 409", "ERR_CACHE_MISS"]


def run(check, server, browser, look):
    sign_in_first(browser, server)
    make_user(server, LOGIN)
    key = server.command("client", "create", "--user", LOGIN, "--scope", "openid", "--expires-in", "1d",
                         "--description", "a key of a user")
    application = register(check, browser, look)
    connect(check, server, browser, look, application, key)
    scopes(check, browser, look, application)
    client = create_client(check, server, browser, look, application)
    use(check, server, browser, look, application, client)
    rotate(check, server, browser, look, client)
    edit_client(check, server, browser, look, application, client)
    switch(check, server, browser, look, client)
    delete_client(check, server, browser, look, client)
    change(check, browser, look, application)
    delete(check, server, browser, look, application, key)
    in_russian(browser, look)


def rows(browser):
    return browser.all("main tbody tr")


def register(check, browser, look):
    browser.open(APPLICATIONS)
    look(browser, "admin-applications-empty")
    browser.submit("main a.main")
    look(browser, "admin-application-new")
    browser.fill("#name", "no spaces here")
    browser.fill("#display_name", NAME)
    browser.fill("#description", "Остатки и заказы")
    browser.submit("main form.stack button.main")
    check("programs: what is wrong with an application is said at its field", browser.find("#name-error"))
    check("programs: what was typed is still there", browser.find("#display_name").get_attribute("value") == NAME)
    look(browser, "admin-application-new-refused", expected=REFUSED)
    browser.fill("#name", "warehouse")
    browser.submit("main form.stack button.main")
    check("programs: the application is registered, and said to be", NAME in say(browser), say(browser))
    uri = browser.find("#uri").text
    check("programs: its uri ends in its name", uri.endswith("/warehouse"), uri)
    look(browser, "admin-application-unconnected")
    return {"uri": uri, "path": browser.path()}


def granted(server, key, application):
    """What the key gets for the application: a scope, or the error."""
    status, answer = server.ask_for_token(key, resource=application["uri"])
    return answer.get("scope", "") if status == 200 else answer["error"]


def connect(check, server, browser, look, application, key):
    check("programs: unconnected, a user's key gets no token for it",
          granted(server, key, application) == "invalid_target")
    browser.open(application["path"])
    options = browser.find("#user_list").text.split("\n")
    choose(browser, "#user_list", options[-1])
    browser.submit("main form[action$='/user-lists'] button")
    check("programs: with the user's list connected it gets one", granted(server, key, application) == "")
    look(browser, "admin-application-list")
    browser.submit("main form[action$='/user-lists/disconnect'] button")
    check("programs: and disconnected it gets none", granted(server, key, application) == "invalid_target")
    browser.submit("main a[href$='/users']")
    look(browser, "admin-application-users-none")
    browser.fill("#login", "nobody")
    browser.submit("main form.inline button")
    check("programs: a login that nobody has is refused", browser.find("#login-error"))
    look(browser, "admin-application-users-refused", expected=REFUSED)
    browser.fill("#login", LOGIN.upper())
    browser.submit("main form.inline button")
    check("programs: a user is connected by name, in any case", LOGIN in say(browser) and len(rows(browser)) == 1,
          browser.text())
    check("programs: and gets tokens", granted(server, key, application) == "")
    look(browser, "admin-application-users")
    browser.submit("main form[action$='/token-access'] button")
    check("programs: without token access there is none", granted(server, key, application) == "invalid_target")
    look(browser, "admin-application-users-no-access")
    find(browser, "ПОЛЬЗ")
    check("programs: connected users are found in any case", len(rows(browser)) == 1, browser.text())
    find(browser, "nowhere")
    check("programs: and it says when none is", not rows(browser))
    browser.open(application["path"] + "/users")
    browser.submit("main form[action$='/token-access'] button")
    check("programs: given back, there is", granted(server, key, application) == "")
    browser.submit("main form[action$='/users/disconnect'] button")
    check("programs: a disconnected user gets none", granted(server, key, application) == "invalid_target"
          and not rows(browser))
    look.quiet(browser, "programs, connected")


def scopes(check, browser, look, application):
    browser.open(application["path"])
    browser.fill("#scope_name", "openid")
    browser.submit("main form[action$='/scopes'] button")
    check("programs: a scope of the console's is no application's", browser.find("#scope_name-error"))
    look(browser, "admin-application-scope-refused", expected=REFUSED)
    for name, description in (("stock:read", "Остатки по складам"), ("orders:write", ""), ("old", "To be removed")):
        browser.fill("#scope_name", name)
        browser.fill("#scope_description", description)
        browser.submit("main form[action$='/scopes'] button")
        check(f"programs: the scope {name} is added", name in browser.find("main").text, browser.text())
    browser.find("main tbody tr", "To be removed")
    buttons = browser.all("main form[action$='/scopes/remove'] button")
    browser.lead_on(buttons[-1].click)
    check("programs: and one is removed", "To be removed" not in browser.text(), browser.text())
    choose(browser, "#user_list", browser.find("#user_list").text.split("\n")[-1])
    browser.submit("main form[action$='/user-lists'] button")
    look(browser, "admin-application")


def shown(browser):
    return {"client_id": browser.find("#client-id").text, "client_secret": browser.find("#client-secret").text}


def create_client(check, server, browser, look, application):
    browser.open(CLIENTS)
    look(browser, "admin-clients-empty")
    browser.submit("main a.main")
    offered = [box.get_attribute("value") for box in browser.all("main input[name=scope]")]
    check("programs: openid is no scope of a service client", "openid" not in offered and "audit:read" in offered,
          offered)
    look(browser, "admin-client-new")
    browser.fill("#name", SERVICE)
    browser.fill("#audiences", "http://nowhere.example/")
    browser.fill("#lifetime", "5")
    browser.submit("main form.wide button.main")
    check("programs: what is wrong with a client is said at its field", browser.find("#lifetime-error"))
    browser.fill("#lifetime", "300")
    browser.submit("main form.wide button.main")
    check("programs: also an application that there is not, at which the cursor is",
          browser.find("#audiences-error") and browser.focused().get_attribute("id") == "audiences",
          browser.focused().get_attribute("id"))
    look(browser, "admin-client-new-refused", expected=REFUSED)
    browser.fill("#audiences", application["uri"])
    tick(browser, "applications:read", "audit:read")
    browser.submit("main form.wide button.main")
    client = shown(browser)
    check("programs: id and secret are shown",
          client["client_id"].startswith("mmk_") and client["client_secret"].startswith("mms_"))
    look(browser, "admin-client-secret")
    pasted = subprocess.run(["sh", "-c", browser.find("#curl").text + " -s --noproxy '*'"], capture_output=True,
                            text=True, timeout=30)
    check("programs: the curl line, pasted, answers a token", '"access_token":"' in pasted.stdout, pasted.stdout)
    secret = client["client_secret"]
    browser.driver.refresh()
    check("programs: sent again, the form makes nothing and shows nothing", secret not in browser.driver.page_source
          and "Already done" in browser.text(), browser.text()[:300])
    browser.open(CLIENTS)
    check("programs: there is one client", len(rows(browser)) == 1 and SERVICE in browser.text(), browser.text())
    for _ in range(3):
        browser.driver.back()
        check("programs: Back does not show the secret", secret not in browser.driver.page_source)
    look.quiet(browser, "programs, after Back", expected=REPEATED + REFUSED)
    return client


def page_of(browser, client):
    browser.open(f"{CLIENTS}/{client['client_id']}")


def use(check, server, browser, look, application, client):
    status, answer = server.ask_for_token(client)
    check("programs: the client gets what was ticked, for as long as was said",
          (status, answer.get("scope"), answer.get("expires_in")) == (200, "applications:read audit:read", 300), answer)
    status, found = server.send("GET", "/console/api/v2/audit-events", answer["access_token"])
    check("programs: and reads the audit log with it", status == 200, found)
    check("programs: and gets a token for the application", granted(server, client, application) == "",
          granted(server, client, application))
    page_of(browser, client)
    browser.submit("main a[href$='/edit']")
    browser.click("main label:has(input[name=application_scope])", "stock:read")
    browser.submit("main form.wide button.main")
    check("programs: with the application's scope, once that is ticked",
          granted(server, client, application) == "stock:read", granted(server, client, application))
    page_of(browser, client)
    check("programs: the page says what it reaches and how long its tokens live",
          application["uri"] in browser.find("main dl").text and "300 s" in browser.find("main dl").text)
    look(browser, "admin-client")
    browser.open(CLIENTS)
    look(browser, "admin-clients")
    find(browser, "оБМЕН")
    check("programs: clients are found in any case", len(rows(browser)) == 1, browser.text())
    find(browser, "nowhere")
    check("programs: and it says when none is", not rows(browser))
    look(browser, "admin-clients-not-found")


def works(server, *clients):
    return [server.ask_for_token(client)[0] for client in clients]


def rotate(check, server, browser, look, client):
    page_of(browser, client)
    browser.submit("main a[href$='/rotate']")
    look(browser, "admin-client-rotate")
    browser.submit("main form.stack button.main")
    new = shown(browser)
    look(browser, "admin-client-rotated")
    check("programs: rotated, both secrets work", works(server, client, new) == [200, 200], works(server, client, new))
    page_of(browser, client)
    check("programs: the page lists both", len(browser.all("main table:first-of-type tbody tr")) == 2, browser.text())
    look(browser, "admin-client-two-secrets")
    browser.submit("main tbody form button")
    browser.submit("main form button.danger")
    check("programs: the removed one is refused at once", works(server, client, new) == [401, 200],
          works(server, client, new))
    client.update(new)


def edit_client(check, server, browser, look, application, client):
    page_of(browser, client)
    browser.submit("main a[href$='/edit']")
    look(browser, "admin-client-edit")
    tick(browser, "audit:read")
    browser.fill("#description", "ночью, раз в час")
    browser.fill("#audiences", "")
    for box in browser.all("main input[name=application_scope]"):
        if box.is_selected():
            box.click()
    browser.submit("main form.wide button.main")
    check("programs: the change is said", SERVICE in say(browser), say(browser))
    check("programs: the next token is narrower", server.ask_for_token(client)[1].get("scope") == "applications:read")
    check("programs: and the application out of reach", granted(server, client, application) == "invalid_target")


def switch(check, server, browser, look, client):
    token = server.token(client)

    def both():
        return works(server, client) + [server.send("GET", "/console/api/v2/applications", token)[0]]

    def act(name):
        page_of(browser, client)
        browser.submit(f"main form[action$='/{name}'] button")
        return say(browser)
    check("programs: before, client and token work", both() == [200, 200], both())
    act("disable")
    look(browser, "admin-client-disabled")
    check("programs: disabled, both are refused", both() == [401, 401], both())
    act("enable")
    check("programs: enabled, the old token is not", both() == [200, 401], both())
    token = server.token(client)
    check("programs: cutting off is said", SERVICE in act("cut-off"))
    check("programs: cut off, the token is refused and the client works", both() == [200, 401], both())
    look.quiet(browser, "programs, switched")


def delete_client(check, server, browser, look, client):
    page_of(browser, client)
    browser.submit("main a[href$='/delete']")
    look(browser, "admin-client-delete")
    browser.fill("#name", "another")
    browser.submit("main form button.danger")
    check("programs: another name does not delete the client", browser.find("#name-error"))
    browser.fill("#name", SERVICE)
    browser.submit("main form button.danger")
    check("programs: its name does", browser.path() == CLIENTS and SERVICE in say(browser), browser.path())
    check("programs: and it is refused", works(server, client) == [401], works(server, client))
    look.quiet(browser, "programs, a client deleted", expected=REFUSED)


def change(check, browser, look, application):
    for act, status in (("stop", "stopped"), ("start", "running"), ("suspend", "suspended"), ("restore", "running")):
        browser.open(application["path"])
        browser.submit(f"main form:has(input[value='{act}']) button")
        check(f"programs: after {act} the application is {status}", status in heading(browser), heading(browser))
        if act == "suspend":
            look(browser, "admin-application-suspended")
    browser.submit("main a[href$='/edit']")
    look(browser, "admin-application-edit")
    browser.fill("#uri", "not a uri")
    browser.submit("main form.stack button.main")
    check("programs: a uri that is none is refused at its field", browser.find("#uri-error"))
    look(browser, "admin-application-edit-refused", expected=REFUSED)
    browser.fill("#uri", "https://warehouse.example/api")
    browser.submit("main form.stack button.main")
    application["uri"] = browser.find("#uri").text
    check("programs: another uri is taken", application["uri"] == "https://warehouse.example/api", application["uri"])


def delete(check, server, browser, look, application, key):
    check("programs: before, the user's key gets a token for the new uri", granted(server, key, application) == "")
    browser.open(APPLICATIONS)
    look(browser, "admin-applications")
    find(browser, "СЕВЕР")
    check("programs: applications are found in any case", len(rows(browser)) == 1, browser.text())
    find(browser, "nowhere")
    check("programs: and it says when none is", not rows(browser))
    look(browser, "admin-applications-not-found")
    browser.open(application["path"])
    browser.submit("main a[href$='/delete']")
    look(browser, "admin-application-delete")
    browser.fill("#name", NAME)
    browser.submit("main form button.danger")
    check("programs: what it is called is not its name", browser.find("#name-error"))
    browser.fill("#name", "warehouse")
    browser.submit("main form button.danger")
    check("programs: its name deletes it", browser.path() == APPLICATIONS and NAME in say(browser), browser.path())
    check("programs: and there is no token for it", granted(server, key, application) == "invalid_target")
    browser.click("main input[name=deleted]")
    browser.submit("main form[role=search] button")
    check("programs: the deleted ones are shown when asked for", NAME in browser.find("main").text, browser.text())
    look(browser, "admin-applications-deleted", expected=REFUSED)
    browser.open(application["path"])
    check("programs: a deleted one is to be looked at", "deleted" in heading(browser) and not browser.all("main form"),
          heading(browser))
    look(browser, "admin-application-deleted")


def in_russian(browser, look):
    browser.submit("footer button[value=ru]")
    browser.open(APPLICATIONS + "/new")
    look(browser, "admin-application-new-ru")
    browser.open(CLIENTS + "/new")
    look(browser, "admin-client-new-ru")
    browser.open(CLIENTS)
    look(browser, "admin-clients-ru")
