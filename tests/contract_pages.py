"""The rules for what is not in the contract: the pages for people below /console/. What they answer is HTML
that no other site can use, a way on to another page, a list to keep, or a file that pages are made with.
"""
import re

# What a page may answer. 303 leads on after an act; 422 shows a form again.
STATUSES = {200, 303, 304, 400, 403, 404, 405, 408, 409, 413, 422, 429, 503}


def is_page(path):
    return re.fullmatch(r"/|/\.well-known/change-password|/console(/(?!(api|sys)(/|$)).*)?", path) is not None


def row_of(pages, path):
    """The path of the server's table that this one fits."""
    def fits(row):
        return re.fullmatch(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(row)), path)
    return next(filter(fits, pages), None)


def check(pages, method, path, status, headers, body):
    """What is wrong with a recorded answer. `pages` are the methods of each path in the server's table."""
    row = row_of(pages, path)
    problems = [] if "x-request-id" in headers else ["no header x-request-id"]
    problems += ["access-control-allow-origin on a page"] if "access-control-allow-origin" in headers else []
    if status not in STATUSES and not (status == 500 and "x-test-panic" in headers):
        problems.append(f"no page answers {status}")
    # A page's path with slashes at its end leads to the page.
    slashed = path.endswith("/") and status == 303 and row_of(pages, path.rstrip("/"))
    if row is None and status not in (400, 404) and not slashed:
        problems.append(f"unknown page answers {status}, not 404")
    if status == 405:
        allowed = sorted(name.strip() for name in headers.get("allow", "").split(","))
        expected = sorted(set(pages.get(row, [])) | ({"HEAD"} if "GET" in pages.get(row, []) else set()))
        problems += [] if allowed == expected else [f"allow names {allowed}, the routes are {expected}"]
    problems += [] if headers.get("x-content-type-options") == "nosniff" else ["no nosniff"]
    problems += [] if headers.get("referrer-policy") == "no-referrer" else ["no no-referrer"]
    if path.startswith("/console/assets/") and status in (200, 304):
        return problems + ([] if headers.get("etag") else ["an asset without etag"])
    problems += [] if headers.get("cache-control") == "no-store" else ["a page that may be kept"]
    policy = {part.split()[0]: part.split()[1:] for part in headers.get("content-security-policy", "").split(";") if part.split()}
    wrong = [name for name in ("default-src", "frame-ancestors", "base-uri") if policy.get(name) != ["'none'"]]
    if wrong or any("'unsafe" in source for sources in policy.values() for source in sources):
        problems.append(f"content-security-policy is {headers.get('content-security-policy')}")
    if status == 303:
        location = headers.get("location", "")
        problems += [] if re.fullmatch("/console(/[!-~]*)?", location) else [f"leads to {location!r}"]
        return problems + (["a redirect with a body"] if body else [])
    if path.endswith(".csv") and status == 200:
        sound = (headers.get("content-type") == "text/csv; charset=utf-8"
                 and headers.get("content-disposition", "").startswith("attachment;"))
        return problems + ([] if sound else ["a list to keep that is no attachment of text/csv"])
    if not headers.get("content-type", "").startswith("text/html"):
        problems.append(f"content type {headers.get('content-type')}, not text/html")
    return problems + (["HEAD with a body"] if method == "HEAD" and body else [])
