"""What the server holds before the requests come: people, keys, and things to find, change and delete."""
from base64 import b64encode

API = "/console/api/v2"
# Records for all operations, and for each of those that take something away, one in each of these states.
SHARED = 6
STATES = ("Running", "Stopped", "Frozen")
TAKERS = 16
PASSWORD = "correct horse battery staple"


class World:
    """The keys and tokens of the callers, ids that go together for each, and the ids that must survive."""

    def __init__(self, server):
        self.server, first = server, server.first_start()
        self.keys = {"administrator": server.command(
            "client", "create", "--user", first["login"], "--description", "all scopes")}
        server.command("user", "create", "--login", "member", "--role", "member", "--password-stdin",
                       stdin=PASSWORD)
        self.keys["member"] = server.command("client", "create", "--user", "member", "--description", "a member's all")
        self.tokens = {who: server.token(key) for who, key in self.keys.items()}
        me = {who: self.ask("GET", "/me", who=who) for who in self.keys}
        self.protected_keys = [first["client_id"], *(key["client_id"] for key in self.keys.values())]
        self.protected = [user[name] for user in me.values() for name in ("id", "user-list-id")]
        self.list = self.user_list("People")
        self.space = self.ask("POST", "/spaces", {"name": "Space"})["id"]
        self.records = {"administrator": [self.record(number) for number in range(SHARED + len(STATES) * TAKERS)]}
        mine = {"list": me["member"]["user-list-id"], "user": me["member"]["id"]}
        # Enough of their own, and not so many that no more can be made.
        self.records["member"] = [
            record | mine | ({"key": self.key(*mine.values())} if number % len(STATES) == 0 else {})
            for number, record in enumerate(self.records["administrator"])]

    def ask(self, method, path, body=None, who="administrator"):
        return self.server.must(method, API + path, self.tokens[who], body)

    def basic(self, who):
        key = self.keys[who]
        return "Basic " + b64encode(f"{key['client_id']}:{key['client_secret']}".encode()).decode()

    def user_list(self, name):
        return self.ask("POST", "/user-lists", {"presentation": name})["id"]

    def user(self, login):
        return self.ask("POST", f"/user-lists/{self.list}/users", {
            "login": login, "presentation": f"The {login}", "temporary-password": PASSWORD})["id"]

    def key(self, user_list, user):
        """One of a user's keys; there are at most 50."""
        return self.ask("POST", f"/user-lists/{user_list}/users/{user}/access-tokens", {
            "description": "spare"})["client-id"]

    def client(self, number):
        """A service client."""
        return {"client": self.ask("POST", "/clients", {"name": f"Service {number}"})["client-id"]}

    def older_secret(self, path):
        """The secret that ends some time, of a key or client that gets a second one for it."""
        rotated = self.ask("POST", f"{path}/rotate", {"old-ends-in": 7 * 24 * 3600})
        return next(secret["id"] for secret in rotated["secrets"] if secret["expires-at"])

    def record(self, number):
        """An application with a user connected to it by name, from a list that is connected as a whole."""
        login = f"user-{number}"
        user = self.user(login)
        record = {"list": self.list, "empty-list": self.user_list(f"Nobody {number}"), "user": user,
                  "key": self.key(self.list, user), "space": self.space}
        record["application"] = self.ask("POST", "/applications", {
            "source": {"type": "repository", "image-id": "1eeb5447-c4f8-635e-b776-199d8903fded"},
            "display-name": f"Application {number}", "publication-context": f"app-{number}",
            "development-mode": False, "user-lists": [record["list"]]})["id"]
        self.ask("POST", f"/applications/{record['application']}/users", {
            "user-list-id": record["list"], "user-id": record["user"], "presentation": login})
        record |= self.client(number)
        if number >= SHARED:  # Elsewhere two secrets would be in the way of a rotation.
            path = f"/user-lists/{record['list']}/users/{record['user']}/access-tokens/{record['key']}"
            record["key-secret"] = self.older_secret(path)
            record["client-secret"] = self.older_secret(f"/clients/{record['client']}")
        change = {"Running": None, "Stopped": "stop", "Frozen": "suspend"}[
            STATES[(number - SHARED) % len(STATES)] if number >= SHARED else "Running"]
        if change:
            self.ask("PUT", f"/applications/{record['application']}/status/{change}")
        return record
