#!/usr/bin/env python3
"""Holds recorded responses and the route table to openapi/openapi.yaml (OpenAPI 3.1), both ways.

    contract.py openapi/openapi.yaml RECORDS...     exit 0: all fits, 1: something does not, 2: cannot check
    contract_self_test.py                           shows that the checker notices what it is for

RECORDS are files of JSON lines that the Rust tests write. A line is a response,

    {"method": "GET", "path": "/readyz?verbose", "status": 200, "headers": {"content-type": "..."},
     "body": "utf-8 text" or null, "body_base64": "where it is not text", "test": "optional name"}

where `path` is the request target as sent, header names are lowercase, and a header that came several
times is joined with ", "; or the server's own route table, at least once,

    {"routes": [{"method": "GET", "path": "/console/api/v2/applications/{id}", "page": false}]}

A row with `"page": true` is for people: the document must not have it. What such a row answers, and every error
below /console/ that is neither the API's nor the OAuth endpoints', is held to contract_pages.py instead.

Two marks are set by the test that knows, never guessed here: `"malformed": true` on a record whose request
no HTTP parser takes (a bare 4xx is right, on any path), and a header `x-test-panic` on one whose handler
the test made panic (only then is 500 right).
"""
import base64
import json
import re
import sys
from collections import Counter
from datetime import datetime
from urllib.parse import unquote, urlsplit

import contract_pages

try:
    import yaml
    from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators
    from openapi_spec_validator import OpenAPIV31SpecValidator
    from referencing import Registry, Resource
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import DRAFT202012
except ImportError as missing:
    print(f"contract: cannot check: {missing}; pip install PyYAML jsonschema openapi-spec-validator", file=sys.stderr)
    sys.exit(2)

BASE = "urn:contract"
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
SHOWN = 50
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)


def formats(**tests):
    """A format checker that knows these and no others; a test may raise ValueError for no."""
    checker = FormatChecker(formats=[])
    for name, test in tests.items():
        checker.checks(name.replace("_", "-"), raises=ValueError)(
            lambda value, test=test: not isinstance(value, str) or bool(test(value)))
    return checker


FORMATS = formats(
    uuid=UUID.fullmatch,
    date_time=lambda text: TIME.fullmatch(text) and datetime.fromisoformat(text),  # No 30 February.
    uri=lambda text: urlsplit(text).scheme and not re.search(r"[^!-~]", text))


def ordered(_validator, on, instance, schema):
    """The keyword x-ordered: members come in the order of `properties`."""
    if on and isinstance(instance, dict):
        listed = [name for name in schema.get("properties", {}) if name in instance]
        found = [name for name in instance if name in schema.get("properties", {})]
        if listed != found:
            yield ValidationError(f"members are in the order {found}, documented is {listed}")


Validator = validators.extend(Draft202012Validator, {"x-ordered": ordered})


def repeated(names):
    return [name for name, count in Counter(names).items() if count > 1]


class UniqueKeys(yaml.SafeLoader):
    """YAML without the silent loss of a key that stands there twice."""

    def construct_mapping(self, node, deep=False):
        if twice := repeated(self.construct_object(key, deep=True) for key, _ in node.value):
            raise yaml.YAMLError(f"key {twice[0]!r} stands twice{node.start_mark}")
        return super().construct_mapping(node, deep)


def parse_json(text):
    """Strict JSON: no member twice, no NaN."""
    def members(pairs):
        if twice := repeated(name for name, _ in pairs):
            raise ValueError(f"member {twice[0]!r} stands twice")
        return dict(pairs)

    def constant(name):
        raise ValueError(f"{name} is not JSON")
    return json.loads(text, object_pairs_hook=members, parse_constant=constant)


def nodes(node):
    """Every mapping in a document."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(child)


def unnamed(template):
    """A path template without the names and patterns of its parameters."""
    return re.sub(r"\{[^}]*\}", "{}", template)


def path_of(target):
    """The path of a request target, with unreserved characters unescaped (RFC 3986 section 6.2.2.2)."""
    path = re.sub(r"^[a-z]+://[^/?]*", "", target, flags=re.IGNORECASE).split("?")[0].split("#")[0]
    return re.sub("%(2[de]|3[0-9]|[46][1-9a-f]|[57][0-9a]|5f|7e)", lambda m: unquote(m[0]), path, flags=re.IGNORECASE)


def invalid(source):
    """What makes the text no OpenAPI 3.1 document."""
    document = yaml.load(source, UniqueKeys)
    if not str(document.get("openapi", "") if isinstance(document, dict) else "").startswith("3.1."):
        return ["openapi is not 3.1"]
    try:
        errors = OpenAPIV31SpecValidator(document).iter_errors()
        return [f"{error.json_path}: {error.message[:200]}" for error in errors]
    except Unresolvable as error:
        return [f"nothing is at {error.ref}"]


class Contract:
    """The document, what was seen of it, and the outcome of every check."""

    def __init__(self, source):
        self.source = source
        self.passed, self.failures = 0, []
        self.document, self.validators = yaml.load(source, UniqueKeys), {}
        for node in nodes(self.document):  # Absolute, so that a schema can be used apart from the document.
            if isinstance(node.get("$ref"), str):
                node["$ref"] = re.sub("^#/", BASE + "#/", node["$ref"])
        self.registry = Registry().with_resource(BASE, Resource.from_contents(self.document, DRAFT202012))
        self.paths = {path: {method.upper(): operation for method, operation in item.items() if method in METHODS}
                      for path, item in self.document["paths"].items()}
        self.seen, self.route_tables, self.pages = set(), 0, {}
        # Literal paths before templates (OpenAPI 3.1, "Paths Object").
        self.patterns = [(re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path))), path)
                         for path in sorted(self.paths, key=lambda path: ("{" in path, path))]

    def tally(self, problems, where, excerpt=""):
        if problems:
            self.failures.append(("; ".join(problems), where, excerpt))
        else:
            self.passed += 1

    def resolve(self, node):
        while "$ref" in node:
            target, pointer = self.document, node["$ref"].split("#/")[1]
            for part in pointer.split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def response(self, template, method, status):
        node = self.paths[template][method].get("responses", {}).get(str(status))
        return None if node is None else self.resolve(node)

    def against(self, schema, value, what):
        if id(schema) not in self.validators:
            self.validators[id(schema)] = Validator(schema, registry=self.registry, format_checker=FORMATS)
        errors = sorted(self.validators[id(schema)].iter_errors(value), key=lambda error: error.json_path)
        return [f"{what} {error.json_path}: {error.message[:200]}" for error in errors[:3]]

    # The document by itself.

    def check_document(self):
        components = self.document.get("components", {}).get("schemas", {})
        named = {node["format"] for node in nodes(components) if isinstance(node.get("format"), str)}
        unknown = sorted(named - FORMATS.checkers.keys())
        self.tally([f"format {name} is checked by nobody" for name in unknown], "document")
        for name, schema in components.items():
            if "example" in schema:
                self.tally(self.against(schema, schema["example"], "example"), f"schema {name}")
        for template, method, status in self.promises():
            response = self.response(template, method, status)
            request_id = response.get("headers", {}).get("x-request-id", {})
            problems = [] if self.resolve(request_id).get("required") else ["document does not require x-request-id"]
            for media in response.get("content", {}).values():
                problems += self.against(media["schema"], media["example"], "example") if "example" in media else []
            self.tally(problems, f"{method} {template} {status}")

    def promises(self):
        """Every documented (path, method, status)."""
        return [(template, method, status) for template, operations in self.paths.items()
                for method, operation in operations.items() for status in operation.get("responses", {})]

    # Routes, both ways.

    def check_routes(self, routes, where):
        self.route_tables += 1
        rows, self.pages = routes, {}
        routes = [row for row in rows if not row.get("page")]
        for row in rows:
            if row.get("page"):
                self.pages.setdefault(row["path"], []).append(row["method"].upper())
        documented = {(method, unnamed(path)): path for path, operations in self.paths.items() for method in operations}
        served = {(route["method"].upper(), unnamed(route["path"])): route["path"] for route in routes}
        pages = {(method, unnamed(path)) for path, methods in self.pages.items() for method in methods}
        for key in sorted(documented.keys() | served.keys()):
            if key[0] == "HEAD":
                continue
            problems = [] if key in served else ["the server has no such route"]
            problems += [] if key in documented else ["the document has no such route"]
            problems += ["a page is in the document"] if key in pages else []
            self.tally(problems, f"{key[0]} {documented.get(key) or served[key]}", where)

    # Records.

    def check_line(self, line, where):
        try:
            record = parse_json(line)
            if "routes" in record:
                return self.check_routes(record["routes"], where)
            method, path = record["method"], path_of(record["path"])
            status, headers = record["status"], {name.lower(): value for name, value in record["headers"].items()}
            raw = record.get("body_base64")
            body = base64.b64decode(raw, validate=True) if raw else (record.get("body") or "").encode()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return self.tally([f"not a record: {error!r}"], where, line[:160])
        template = next((path_template for pattern, path_template in self.patterns if pattern.fullmatch(path)), None)
        excerpt = json.dumps({"test": record.get("test"), "path": record["path"][:160],
                              "type": headers.get("content-type"), "body": body[:160].decode(errors="replace")})
        problems = self.check_response(record, method, path, template, status, headers, body)
        self.tally(problems, f"{method} {template or path} {status}", f"{where} {excerpt}")

    def check_response(self, record, method, path, template, status, headers, body):
        if record.get("malformed"):
            return [] if status in (400, 408, 431) else [f"{status} to bytes that are not HTTP"]
        if contract_pages.is_page(path):
            return contract_pages.check(self.pages, method, path, status, headers, body)
        if status == 500:
            return self.check_panic(method, path, headers, body)
        operations = self.paths.get(template, {})
        problems = self.check_origin(operations, headers)
        if template is None:
            return problems + self.check_unknown_path(method, status, headers, body)
        documented = "GET" if method == "HEAD" and "GET" in operations else method
        if documented not in operations:
            return problems + self.check_unknown_method(template, method, status, headers, body)
        response = self.response(template, documented, status)
        if response is None:
            return problems + ["undocumented status"]
        if status == 405:
            return problems + ["405 to a method that the document has"]
        if method != "HEAD":
            self.seen.add((template, method, str(status)))
        problems += self.check_against(response, method, headers, body)
        if response.get("content", {}).get("application/yaml") and path == "/openapi.yaml" and method == "GET":
            problems += [] if body == self.source.encode() else ["served document is another than this one"]
        return problems

    def check_panic(self, method, path, headers, body):
        if "x-test-panic" not in headers:
            return ["500 that no test asked for"]
        oauth = path.startswith("/console/sys/")
        schema = {"allOf": [{"$ref": f"{BASE}#/components/schemas/{'OAuthError' if oauth else 'ApiError'}"},
                            {"properties": {"error": {"const": "server_error"}, "code": {"const": 13}}}]}
        required = {name: {"required": True} for name in ["x-request-id"] + ["cache-control", "pragma"] * oauth}
        response = {"headers": required, "content": {"application/json": {"schema": schema}}}
        return self.check_against(response, method, headers, body)

    def check_origin(self, operations, headers):
        """CORS opens an answer to every site, so it stands only on paths whose document says so."""
        if "access-control-allow-origin" not in headers:
            return []
        names = {name.lower() for method in operations.values() for node in method.get("responses", {}).values()
                 for name in self.resolve(node).get("headers", {})}
        return [] if "access-control-allow-origin" in names else ["undocumented access-control-allow-origin"]

    def check_unknown_path(self, method, status, headers, body):
        if status not in (400, 404):
            return [f"undocumented path answers {status}, not 404"]
        shared = self.document.get("components", {}).get("responses", {}).get("NotFound")
        return self.check_against(shared, method, headers, body) if status == 404 and shared else []

    def check_unknown_method(self, template, method, status, headers, body):
        if status != 405:
            return [f"undocumented method answers {status}, not 405"]
        operations = self.paths[template]
        expected = sorted(operations.keys() | ({"HEAD"} if "GET" in operations else set()))
        allowed = sorted(name.strip() for name in headers.get("allow", "").split(","))
        problems = [] if allowed == expected else [f"allow names {allowed}, documented is {expected}"]
        for name in operations:
            response = self.response(template, name, 405)
            if response is not None:
                if method != "HEAD":
                    self.seen.add((template, name, "405"))
                found = self.check_against(response, method, headers, body)
                problems += [text for text in found if text not in problems]
        return problems

    def check_against(self, response, method, headers, body):
        problems = []
        for name, node in response.get("headers", {}).items():
            header, value = self.resolve(node), headers.get(name.lower())
            if value is None:
                problems += [f"no header {name}"] if header.get("required") else []
            elif "schema" in header:
                whole = self.resolve(header["schema"]).get("type") == "integer" and re.fullmatch("[0-9]{1,9}", value)
                problems += self.against(header["schema"], int(value) if whole else value, f"header {name}")
        if method == "HEAD" and body:
            problems.append("HEAD with a body")
        content = response.get("content")
        if not content:
            return problems + (["body where none is documented"] if body and method != "HEAD" else [])
        essence = headers.get("content-type", "").split(";")[0].strip().lower()
        if essence not in content:
            return problems + [f"content type {essence or 'none'}, documented is {' or '.join(content)}"]
        if method == "HEAD":
            return problems
        try:
            value = body.decode()
            value = parse_json(value) if essence.endswith("json") else value
            value = yaml.load(value, UniqueKeys) if essence.endswith("yaml") else value
        except (ValueError, RecursionError, yaml.YAMLError) as error:
            return problems + [f"body is not {essence}: {error}"]
        return problems + self.against(content[essence].get("schema", True), value, "body")

    # The end.

    def finish(self, out=print):
        self.tally([] if self.route_tables else ["no route table in the records"], "routes")
        for template, method, status in self.promises():
            missing = (template, method, status) not in self.seen
            self.tally(["documented, never seen"] if missing else [], f"{method} {template} {status}")
        grouped = {}
        for what, where, excerpt in self.failures:
            grouped.setdefault((what, where), []).append(excerpt)
        # What was never seen is few and about the whole: it comes before the many about single records.
        lines = sorted(grouped.items(), key=lambda item: item[0][0] != "documented, never seen")
        for (what, where), excerpts in lines[:SHOWN]:
            times = f" ({len(excerpts)} times)" if len(excerpts) > 1 else ""
            out(" ".join(f"FAIL {where}: {what}{times} | {excerpts[0]}".rstrip(" |").split()))
        if len(lines) > SHOWN:
            out(f"... and {len(lines) - SHOWN} more kinds of failure")
        out(f"contract: {self.passed} passed, {len(self.failures)} failed")
        return 1 if self.failures else 0


def main(arguments):
    if len(arguments) < 2 or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        with open(arguments[0], encoding="utf-8", newline="") as file:
            source = file.read()
        if problems := invalid(source):
            print(*(f"FAIL document is not OpenAPI 3.1: {text}" for text in problems[:SHOWN]),
                  f"contract: 0 passed, {len(problems)} failed", sep="\n")
            return 1
        contract = Contract(source)
        contract.check_document()
        for name in arguments[1:]:
            with open(name, encoding="utf-8") as file:
                for number, line in enumerate(file, 1):
                    if line.strip():
                        contract.check_line(line, f"{name}:{number}")
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        print(f"contract: cannot check: {error}", file=sys.stderr)
        return 2
    return contract.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
