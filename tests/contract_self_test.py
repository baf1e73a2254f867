#!/usr/bin/env python3
"""Shows that contract.py notices what it is for: each case plants one fault, and the checker must say it.

    contract_self_test.py                           exit 0: every fault is noticed, 1: one is not
"""
import json
import sys

from contract import Contract, invalid

SELF_TEST_DOCUMENT = """
openapi: 3.1.0
info: {title: self-test, version: '1'}
paths:
  /things/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        '200':
          description: A thing.
          headers: {x-request-id: {$ref: '#/components/headers/Text'}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
        '405':
          description: Another method.
          headers: {x-request-id: {$ref: '#/components/headers/Text'}, Allow: {$ref: '#/components/headers/Text'}}
components:
  headers: {Text: {required: true, schema: {type: string}}}
  schemas:
    Thing:
      x-ordered: true
      additionalProperties: false
      required: [id, made]
      properties: {id: {type: string, format: uuid}, made: {type: string, format: date-time}}
    ApiError: {type: object, required: [code]}
"""


def self_test():
    thing = '{"id":"1eeb5447-c5bb-6867-b776-199d8903fded","made":"2024-01-17T14:27:04.383Z"}'
    head = {"x-request-id": "1", "content-type": "application/json"}
    routes = {"routes": [{"method": "GET", "path": "/things/{thing}"}, {"method": "HEAD", "path": "/things/{thing}"}]}
    got = {"method": "GET", "path": "/things/7?x=/", "status": 200, "headers": head, "body": thing}
    opened = {**head, "access-control-allow-origin": "*"}
    allow = {"x-request-id": "1", "allow": "GET, HEAD"}
    refused = {"method": "PUT", "path": "/things/7", "status": 405, "headers": allow, "body": None}
    backwards = json.dumps(dict(reversed(json.loads(thing).items())))
    unknown_route = {"routes": routes["routes"] + [{"method": "PUT", "path": "/x"}]}
    routes["routes"].append({"method": "GET", "path": "/console/page/{id}", "page": True})
    routes["routes"].append({"method": "GET", "path": "/console/page.csv", "page": True})
    secure = {"x-request-id": "1", "content-type": "text/html", "cache-control": "no-store", "referrer-policy": "no-referrer",
              "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; style-src 'self'",
              "x-content-type-options": "nosniff"}
    page = {"method": "GET", "path": "/console/page/1", "status": 200, "headers": secure, "body": "<html>"}
    kept = {**page, "path": "/console/page.csv", "body": "a,b", "headers": {
        **secure, "content-type": "text/csv; charset=utf-8", "content-disposition": "attachment; filename=a.csv"}}
    on = {**page, "status": 303, "headers": {**secure, "location": "/console/page/2"}, "body": ""}
    sound = [routes, got, refused, page, kept, on, {**page, "path": "/console/x", "status": 404},
             {**page, "status": 405, "headers": {**secure, "allow": "GET, HEAD"}}, {**refused, "method": "get"}, {**got, "method": "HEAD", "body": ""},
             {**got, "path": "/other", "status": 404}, {**got, "status": 400, "malformed": True, "headers": {}},
             {**got, "status": 500, "headers": {**head, "x-test-panic": "1"}, "body": '{"code":13}'}]
    cases = [
        ("an undocumented status", sound + [{**got, "status": 204}], "undocumented status"),
        ("a wrong content type", sound + [{**got, "headers": {**head, "content-type": "text/html"}}], "type text/html"),
        ("an extra member", sound + [{**got, "body": thing[:-1] + ',"x":1}'}], "Additional properties"),
        ("a missing route", [{"routes": []}] + sound[1:], "the server has no such route"),
        ("an undocumented route", [unknown_route] + sound[1:], "the document has no such route"),
        ("no route table", sound[1:], "no route table"),
        ("an unseen status", [routes, got], "documented, never seen"),
        ("a member in another place", sound + [{**got, "body": backwards}], "in the order"),
        ("a member twice", sound + [{**got, "body": thing[:-1] + ',"id":"1"}'}], "stands twice"),
        ("a bad uuid", sound + [{**got, "body": thing.replace("1eeb", "1eeg")}], "is not a 'uuid'"),
        ("a bad time", sound + [{**got, "body": thing.replace("01-17", "02-30")}], "is not a 'date-time'"),
        ("a body that is not JSON", sound + [{**got, "body_base64": "/w=="}], "body is not application/json"),
        ("a missing header", sound + [{**got, "headers": {"content-type": head["content-type"]}}], "no header x-r"),
        ("a HEAD with a body", sound + [{**got, "method": "HEAD"}], "HEAD with a body"),
        ("a wrong Allow", sound + [{**refused, "headers": {**allow, "allow": "GET"}}], "allow names"),
        ("404 to a wrong method", sound + [{**refused, "status": 404}], "not 405"),
        ("405 to a right method", sound + [{**got, "status": 405}], "405 to a method that the document has"),
        ("an answer where nothing is", sound + [{**got, "path": "/things/"}], "not 404"),
        ("a panic nobody asked for", sound + [{**got, "status": 500}], "500 that no test asked for"),
        ("an open origin", sound + [{**got, "headers": opened}], "access-control-allow-origin"),
        ("a page in the document", [{"routes": [{"method": "GET", "path": "/things/{id}", "page": True}]}] + sound[1:],
         "a page is in the document"),
        ("a page that may be kept", sound + [{**page, "headers": {**secure, "cache-control": "no-cache"}}], "may be kept"),
        ("a page with inline styles", sound + [{**page, "headers": {**secure, "content-security-policy":
            secure["content-security-policy"] + " 'unsafe-inline'"}}], "content-security-policy is"),
        ("a page that can be framed", sound + [{**page, "headers": {**secure, "content-security-policy":
            "default-src 'none'; base-uri 'none'"}}], "content-security-policy is"),
        ("a page without nosniff", sound + [{**page, "headers": {**secure, "x-content-type-options": ""}}], "no nosniff"),
        ("a page that tells where one came from", sound + [{**page, "headers": {**secure, "referrer-policy": "origin"}}],
         "no no-referrer"),
        ("an error of a page in JSON", sound + [{**page, "headers": {**secure, "content-type": "application/json"}}],
         "not text/html"),
        ("a list to keep that a browser would show", sound + [{**kept, "headers": {**kept["headers"], "content-disposition": "inline"}}],
         "no attachment"),
        ("a list to keep as a page", sound + [{**kept, "headers": secure}], "no attachment"),
        ("an unknown page", sound + [{**page, "path": "/console/x"}], "unknown page answers 200"),
        ("a page with another status", sound + [{**page, "status": 401}], "no page answers 401"),
        ("a broken page", sound + [{**page, "status": 500}], "no page answers 500"),
        ("a way out", sound + [{**on, "headers": {**secure, "location": "//evil.example"}}], "leads to"),
        ("a wrong Allow of a page", sound + [{**page, "status": 405, "headers": {**secure, "allow": "POST"}}], "allow names"),
        ("a broken line", sound + ["half a line"], "not a record"),
    ]
    wrong = []
    for name, records, expected in [("nothing where all is well", sound, None)] + cases:
        contract, lines = Contract(SELF_TEST_DOCUMENT), []
        contract.check_document()
        for number, record in enumerate(records):
            contract.check_line(record if isinstance(record, str) else json.dumps(record), f"self-test:{number}")
        code = contract.finish(lines.append)
        if (code == 0) if expected else (code != 0):
            wrong.append(f"FAIL self-test: {name}: {lines}")
        elif expected and not any(expected in line for line in lines):
            wrong.append(f"FAIL self-test: {name}: for another reason: {lines}")
    if not invalid(SELF_TEST_DOCUMENT.replace("in: path", "in: nowhere")):
        wrong.append("FAIL self-test: an invalid document")
    print(*wrong, f"contract self-test: {len(cases) + 2 - len(wrong)} passed, {len(wrong)} failed", sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(self_test())
