//! Plays recorded answers over HTTPS and keeps what was asked. It stands in for a broker so that every answer, also
//! the rare ones, can be given at will; it checks nothing but TLS.

use super::pki::{Authority, Holder};
use openssl::ssl::{SslAcceptor, SslMethod, SslStream, SslVerifyMode};
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::X509VerifyFlags;
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// What was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) head: String,
    pub(crate) body: String,
    /// Subjects of the certificates that came with the connection, the caller's own first.
    pub(crate) chain: Vec<String>,
}

/// What to answer.
#[derive(Clone)]
pub(crate) enum Answer {
    /// HTTP 200 with this body.
    Success(String),
    /// HTTP with this status and body.
    Status(u16, String),
    /// The connection is closed after the request was read.
    Silence,
}

pub(crate) struct Responder {
    pub(crate) address: SocketAddr,
    asked: Arc<Kept>,
}

/// What was asked so far, and a signal for every further question.
#[derive(Default)]
struct Kept {
    all: Mutex<Vec<Asked>>,
    more: Condvar,
}

impl Responder {
    /// Listens and answers one after another; the last answer is given again and again.
    pub(crate) fn start(trusted: &Authority, host: &Holder, answers: Vec<Answer>) -> Self {
        let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).expect("TLS");
        acceptor.set_certificate(&host.certificate).expect("a certificate");
        acceptor.set_private_key(&host.key).expect("a key");
        let mut store = X509StoreBuilder::new().expect("a store");
        store.add_cert(trusted.certificate().clone()).expect("added");
        store.set_flags(X509VerifyFlags::ALLOW_PROXY_CERTS).expect("set");
        acceptor.set_verify_cert_store(store.build()).expect("set");
        acceptor.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
        let acceptor = acceptor.build();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::new(Kept::default());
        let kept = Arc::clone(&asked);
        let answers = Arc::new(Mutex::new(VecDeque::from(answers)));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                stream.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
                if let Ok(stream) = acceptor.accept(stream) {
                    let (kept, answers) = (Arc::clone(&kept), Arc::clone(&answers));
                    std::thread::spawn(move || serve(stream, &kept, &answers));
                }
            }
        });
        Self { address, asked }
    }

    pub(crate) fn url(&self) -> String {
        format!("https://{}/services/grms", self.address)
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.all.lock().expect("not poisoned").clone()
    }

    /// Waits until so many questions came.
    pub(crate) fn until_asked(&self, times: usize) {
        let all = self.asked.all.lock().expect("not poisoned");
        let waited = self.asked.more.wait_timeout_while(all, Duration::from_secs(30), |all| all.len() < times);
        let (all, _) = waited.expect("not poisoned");
        assert!(all.len() >= times, "asked {} times in half a minute", all.len());
    }
}

fn serve(stream: SslStream<TcpStream>, asked: &Kept, answers: &Mutex<VecDeque<Answer>>) {
    let own = stream.ssl().peer_certificate();
    let issuers = stream.ssl().verified_chain().map(|chain| chain.iter().map(subject).collect::<Vec<_>>());
    let sent = stream.ssl().peer_cert_chain().map_or(0, openssl::stack::StackRef::len);
    let mut chain: Vec<_> = issuers.unwrap_or_default();
    // `peer_cert_chain` omits the caller's own certificate on a server; what was not sent came from the store.
    chain.truncate(sent + usize::from(own.is_some()));
    let mut stream = BufReader::new(stream);
    while let Some((head, body)) = read_request(&mut stream) {
        asked.all.lock().expect("not poisoned").push(Asked { head, body, chain: chain.clone() });
        asked.more.notify_all();
        let answer = {
            let mut answers = answers.lock().expect("not poisoned");
            if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }
        };
        let (status, text) = match answer {
            Some(Answer::Success(text)) => (200, text),
            Some(Answer::Status(status, text)) => (status, text),
            Some(Answer::Silence) | None => return,
        };
        let head = format!(
            "HTTP/1.1 {status} Answer\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: {}\r\n\r\n",
            text.len()
        );
        let out = stream.get_mut();
        if out.write_all(head.as_bytes()).and_then(|()| out.write_all(text.as_bytes())).is_err() {
            return;
        }
    }
}

fn subject(certificate: &openssl::x509::X509Ref) -> String {
    let entries = certificate.subject_name().entries();
    let parts = entries.map(|entry| {
        let key = entry.object().nid().short_name().expect("known");
        format!("/{key}={}", String::from_utf8_lossy(entry.data().as_slice()))
    });
    parts.collect()
}

fn read_request(stream: &mut BufReader<SslStream<TcpStream>>) -> Option<(String, String)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    })?;
    let mut body = vec![0; length];
    std::io::Read::read_exact(stream, &mut body).ok()?;
    Some((head, String::from_utf8(body).ok()?))
}
