"""What schemathesis is told about this server: its tokens, what it must leave alone, and what to count.

The file that MINTMARK_TEST_HOOKS names is JSON: `token` and `basic`, the credentials; `protected`, the ids of
what the run itself stands on; `counts`, the file in which the counts are left.
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
# Nobody's id, in place of a protected one.
NOBODY = "00000000-0000-4000-8000-000000000000"
counts = Counter()
lock = threading.Lock()
asked_for_tokens = 0


@schemathesis.auth().apply_to(path_regex="^/console/api/v2/")
class Bearer:
    def get(self, case, context):
        return TOLD["token"]

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def before_call(context, case, kwargs):
    global asked_for_tokens
    path = case.operation.path
    if case.method.upper() not in ("GET", "HEAD"):
        # It would disable the very user or key that it acts for, and be refused from there on.
        for name, value in (case.path_parameters or {}).items():
            if any(protected in str(value) for protected in TOLD["protected"]):
                case.path_parameters[name] = NOBODY
    if path == TOKEN_PATH and case.method.upper() == "POST":
        # Every second time with credentials that are right: made-up ones never get past the first check.
        asked_for_tokens += 1
        if asked_for_tokens % 2 == 0:
            case.headers["Authorization"] = TOLD["basic"]
            for name in ("client_id", "client_secret", "resource", "scope") if isinstance(case.body, dict) else ():
                case.body.pop(name, None)


@schemathesis.hook
def after_call(context, case, response):
    with lock:
        counts[f"{case.operation.method.upper()} {case.operation.path} {response.status_code}"] += 1


@atexit.register
def leave_counts():
    with open(TOLD["counts"], "w", encoding="utf-8") as file:
        json.dump(counts, file)
