//! Self-signed certificates, made for each test.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::x509::extension::SubjectAlternativeName;
use openssl::x509::{X509, X509NameBuilder};

/// A certificate for `localhost` and its key, as PEM files.
pub struct Certificate {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl Certificate {
    /// Makes `NAME.crt` and `NAME.key` in a folder.
    pub fn create(folder: &Path, name: &str) -> Self {
        Self::ending_in(folder, name, 90)
    }

    /// As [`Certificate::create`], with an end in so many days; in less than one, it has ended.
    pub fn ending_in(folder: &Path, name: &str, days: i64) -> Self {
        let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
        let mut subject = X509NameBuilder::new().unwrap();
        subject.append_entry_by_text("CN", "localhost").unwrap();
        let subject = subject.build();
        let mut x509 = X509::builder().unwrap();
        x509.set_version(2).unwrap();
        let serial = BigNum::from_u32(1).unwrap().to_asn1_integer().unwrap();
        x509.set_serial_number(&serial).unwrap();
        x509.set_subject_name(&subject).unwrap();
        x509.set_issuer_name(&subject).unwrap();
        x509.set_pubkey(&key).unwrap();
        let now = i64::try_from(UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
        let at = |days: i64| Asn1Time::from_unix(now + days * 24 * 3600).unwrap();
        x509.set_not_before(&at(days - 90)).unwrap();
        x509.set_not_after(&at(days)).unwrap();
        let names = SubjectAlternativeName::new()
            .dns("localhost")
            .build(&x509.x509v3_context(None, None))
            .unwrap();
        x509.append_extension(names).unwrap();
        x509.sign(&key, MessageDigest::sha256()).unwrap();
        let files = Self {
            certificate: folder.join(format!("{name}.crt")),
            key: folder.join(format!("{name}.key")),
        };
        std::fs::write(&files.certificate, x509.build().to_pem().unwrap()).unwrap();
        std::fs::write(&files.key, key.private_key_to_pem_pkcs8().unwrap()).unwrap();
        files.let_read(0o600);
        files
    }

    /// Sets the mode of the key's file.
    pub fn let_read(&self, mode: u32) {
        std::fs::set_permissions(&self.key, Permissions::from_mode(mode)).unwrap();
    }

    /// The options of `serve` that name the files.
    pub fn options(&self) -> [&str; 4] {
        [
            "--tls-cert",
            self.certificate.to_str().unwrap(),
            "--tls-key",
            self.key.to_str().unwrap(),
        ]
    }
}
