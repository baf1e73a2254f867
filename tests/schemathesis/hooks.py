"""What schemathesis is told about this server: its tokens, what is there, what to leave alone, and to count.

The file that MINTMARK_TEST_HOOKS names is JSON: `token` and `basic`, the credentials; `records`, ids that go
together, `shared` of them for all and `own` for each that takes something away (world.py); `protected` and
`protected-keys`, the ids of what the run itself stands on; `counts`, the file for the counts.
"""
import atexit
import json
import os
import threading
from collections import Counter

import schemathesis

with open(os.environ["MINTMARK_TEST_HOOKS"], encoding="utf-8") as file:
    TOLD = json.load(file)
TOKEN_PATH = "/console/sys/token"
API = "/console/api/v2"
# Nobody's id, in place of a protected one.
NOBODY = "00000000-0000-4000-8000-000000000000"
lock = threading.Lock()
counts = Counter()
# How often each was called; which operations take something away.
turns, takers = Counter(), {}
RECORDS, SHARED, OWN = TOLD["records"], TOLD["shared"], TOLD["own"]
THERE = {value for record in RECORDS for value in record.values()}


@schemathesis.auth().apply_to(path_regex="^/console/api/v2/")
class Bearer:
    def get(self, case, context):
        return TOLD["token"]

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"


def every_second(what):
    """Whether this call about `what` has an even number."""
    turns[what] += 1
    return turns[what] % 2 == 0


def takes(method, path):
    """Whether a success may leave nothing to do for the next call."""
    return method == "DELETE" or "/status/" in path


def record_for(method, path):
    """The next record for an operation. One that takes something away has a few of its own, and no other's."""
    turn = turns[method, path] // 2
    if not takes(method, path):
        return RECORDS[turn % SHARED]
    first = SHARED + OWN * takers.setdefault((method, path), len(takers))
    own = RECORDS[first:first + OWN]
    if not own:
        raise LookupError(f"{method} {path} has no records: make more of them in world.py")
    return own[turn % OWN]


def name_of(method, path, parameter):
    """What a path parameter stands for: `applications/{id}` is an `application`."""
    before = path.split("{" + parameter + "}")[0].rstrip("/").rsplit("/", 1)[-1]
    if path == API + "/user-lists/{list}" and method == "DELETE":
        return "empty-list"  # None with somebody in it can be deleted.
    if before == "secrets":
        return "key-secret" if "/access-tokens/" in path else "client-secret"
    return {"applications": "application", "spaces": "space", "access-tokens": "key", "clients": "client"}.get(
        before, parameter)


def use_what_is_there(case, method, path):
    """Made-up ids find nothing: a call that is valid is given ids of things that are there."""
    record = record_for(method, path)
    if (method, path) == ("POST", API + "/applications/{id}/users"):
        # Its own user is connected already.
        other = RECORDS[-1 - turns[method, path] // 2 % (len(RECORDS) - SHARED)]
        record = record | {"user": other["user"]}
    for name in case.path_parameters or {}:
        case.path_parameters[name] = record.get(name_of(method, path, name), case.path_parameters[name])
    if isinstance(case.body, dict):
        for member, name in {"user-list-id": "list", "user-id": "user", "space-id": "space"}.items():
            if member in case.body and name in record:
                case.body[member] = record[name]
        if case.body.get("user-lists"):
            case.body["user-lists"] = [record["list"]]
        if case.body.get("default-user-list"):
            case.body["default-user-list"] = record["list"]


def spare_what_is_needed(case, method, path, ours):
    """What the run itself stands on, and what was made for other calls: schemathesis keeps the ids that it has seen."""
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    if method in ("GET", "HEAD") or not names or not isinstance(case.path_parameters, dict):
        return
    for name in names:
        value = case.path_parameters.get(name)
        if (takes(method, path) and not ours and value in THERE) or value in TOLD["protected-keys"]:
            case.path_parameters[name] = NOBODY
    # Something new below it does no harm.
    if path.startswith(f"{API}/user-lists/") and not path.endswith(("/access-tokens", "/users")) \
            and case.path_parameters.get(names[-1]) in TOLD["protected"]:
        case.path_parameters[names[-1]] = NOBODY


@schemathesis.hook
def before_call(context, case, kwargs):
    path, method = case.operation.path, case.method.upper()
    made_up = case.meta is None or (case.meta.generation.mode == schemathesis.GenerationMode.POSITIVE
                                    and case.meta.phase.name != "stateful")
    ours = False
    with lock:
        if path == TOKEN_PATH and method == "POST":
            if every_second(path):
                case.headers["Authorization"] = TOLD["basic"]
                for name in ("client_id", "client_secret", "resource", "audience", "scope") if isinstance(case.body, dict) else ():
                    case.body.pop(name, None)
        elif made_up and path.startswith(API) and every_second((method, path)):
            ours = True
            use_what_is_there(case, method, path)
    spare_what_is_needed(case, method, path, ours)


@schemathesis.hook
def after_call(context, case, response):
    with lock:
        counts[f"{case.operation.method.upper()} {case.operation.path} {response.status_code}"] += 1


@atexit.register
def leave_counts():
    with open(TOLD["counts"], "w", encoding="utf-8") as file:
        json.dump(counts, file)
