"""/docs, read and tried: a token from a key's credentials, and a call with the token."""
import json


def operation(browser, css_id):
    """Opens an operation and gets it ready to be tried."""
    block = f"#operations-{css_id}"
    browser.click(f"{block} .opblock-summary-control")
    browser.click(f"{block} .try-out__btn")
    return block


def answer(browser, block):
    """Status and body of what was executed."""
    status = browser.find(f"{block} .live-responses-table tr.response .response-col_status").text.split()[0]
    shown = browser.find(f"{block} .live-responses-table .highlight-code code").text
    return status, shown[shown.index("{"):]  # It stands below a heading.


def authorize(browser, fields):
    browser.click(".scheme-container .btn.authorize")
    for field, value in fields.items():
        browser.fill(field, value)
        form = browser.driver.execute_script(
            "return document.querySelector(arguments[0]).closest('form')", field)
        last = field == list(fields)[-1]
        if last or "password" in field:
            form.find_element("css selector", "button.authorize").click()
    browser.click(".dialog-ux .btn-done")


def run(check, server, browser, look):
    first = server.first_start()
    browser.open("/docs")
    browser.find(".info .title", "Mintmark")
    browser.find("#operations-token-issueToken")
    blocks = len(browser.all(".opblock"))
    check("docs: every operation of the contract is listed", blocks == len(operations(server)), blocks)
    # Swagger UI's own accessibility is not ours to mend, and its code samples are wide.
    look(browser, "docs", axe=False, overflow=False)

    authorize(browser, {"#auth-basic-username": first["client_id"], "#auth-basic-password": first["client_secret"]})
    block = operation(browser, "token-issueToken")
    browser.click(f"{block} .btn.execute")
    status, body = answer(browser, block)
    token = json.loads(body).get("access_token", "") if status == "200" else ""
    check("docs: a token is had with a key's credentials", token.count(".") == 2, f"{status} {body[:300]}")
    authorize(browser, {"#auth-bearer-value": token})
    block = operation(browser, "resources-me")
    browser.click(f"{block} .btn.execute")
    status, body = answer(browser, block)
    check("docs: a call with the token says whose it is",
          status == "200" and json.loads(body).get("login") == first["login"], f"{status} {body[:300]}")
    look.quiet(browser, "docs, tried")


def operations(server):
    import yaml
    document = yaml.safe_load(server.must("GET", "/openapi.yaml"))
    return [item for item in document["paths"].values() for method in item if method != "parameters"]
