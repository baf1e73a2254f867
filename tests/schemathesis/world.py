"""What the server holds before the requests come: people, keys, and things to find, change and delete."""
from base64 import b64encode


def build(server):
    """The administrator's and the member's key, and the ids that must survive."""
    first = server.first_start()
    administrator = server.command("client", "create", "--user", first["login"], "--description", "all scopes")
    server.command("user", "create", "--login", "member", "--role", "member", "--password-stdin",
                   stdin="correct horse battery staple")
    member = server.command("client", "create", "--user", "member", "--description", "a member's all")
    keys = {"administrator": administrator, "member": member}
    tokens = {name: server.token(key) for name, key in keys.items()}
    protected = [first["client_id"]] + [key["client_id"] for key in keys.values()]
    for token in tokens.values():
        me = server.must("GET", "/console/api/v2/me", token)
        protected += [me["id"], me["user-list-id"]]
    fill(server, tokens["administrator"], protected[-1])
    return keys, tokens, protected


def basic(key):
    return "Basic " + b64encode(f"{key['client_id']}:{key['client_secret']}".encode()).decode()


def fill(server, token, member_list):
    for number in range(5):
        server.must("POST", "/console/api/v2/applications", token, {
            "source": {"type": "repository", "image-id": "1eeb5447-c4f8-635e-b776-199d8903fded"},
            "display-name": f"Application {number}", "publication-context": f"app-{number}",
            "development-mode": False, "user-lists": [member_list] if number % 2 else []})
