#!/usr/bin/env bash
# ureq sends a request for an `http://` URL to the proxy that HTTPS_PROXY names, and by CONNECT.
#
# By the custom of curl and of most clients, HTTPS_PROXY is for `https://` URLs, and a proxy is asked for an
# `http://` URL with the whole URL (RFC 9112 section 3.2.2); many proxies allow CONNECT to port 443 alone. With
# ureq each of ALL_PROXY, HTTPS_PROXY and HTTP_PROXY counts for every URL, one on loopback too, unless NO_PROXY
# excepts it. Who sets HTTPS_PROXY for the world outside finds that a service on the same machine, asked in
# plain HTTP, cannot be reached any more.
#
# Seen with ureq 3.5.1 on Rust 1.95:
#   HTTP_PROXY http://files.test/: CONNECT files.test:80 HTTP/1.1
#   HTTPS_PROXY http://files.test/: CONNECT files.test:80 HTTP/1.1
#   HTTPS_PROXY http://127.0.0.1:9/: CONNECT 127.0.0.1:9 HTTP/1.1
set -eu
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "try"
version = "0.0.0"
edition = "2024"

[dependencies]
ureq = { version = "=3.5.1", default-features = false }
TOML
cat >src/main.rs <<'RS'
//! Prints what a proxy is asked when ureq gets the URL that the argument names; without one, serves as the proxy.
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;

fn main() {
    if let Some(url) = std::env::args().nth(1) {
        // The proxy answers 502, whatever it is asked for.
        ureq::get(&url).call().expect_err("an answer from nowhere");
        return;
    }
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", proxy.local_addr().unwrap());
    for (variable, url) in [
        ("HTTP_PROXY", "http://files.test/"),
        ("HTTPS_PROXY", "http://files.test/"),
        ("HTTPS_PROXY", "http://127.0.0.1:9/"),
    ] {
        let mut client = Command::new(std::env::current_exe().unwrap());
        let client = client.env_clear().env(variable, &address).arg(url).spawn();
        let (mut connection, _) = proxy.accept().unwrap();
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") {
            connection.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap();
        println!("{variable} {url}: {}", head.lines().next().unwrap());
        let answer = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        connection.write_all(answer).unwrap();
        client.unwrap().wait().unwrap();
    }
}
RS
# Where ureq goes straight to the URL, nobody comes to the proxy.
seen="$(timeout 300 cargo run --quiet)"
echo "$seen"
[ "$seen" = "HTTP_PROXY http://files.test/: CONNECT files.test:80 HTTP/1.1
HTTPS_PROXY http://files.test/: CONNECT files.test:80 HTTP/1.1
HTTPS_PROXY http://127.0.0.1:9/: CONNECT 127.0.0.1:9 HTTP/1.1" ]
