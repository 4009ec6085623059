//! A caller: one TLS connection with a client certificate, HTTP/1.1 kept alive, SOAP 1.1 envelopes by hand.

use super::{BOUND, Site, element};
use openssl::ssl::{SslConnector, SslFiletype, SslMethod, SslStream, SslVerifyMode};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: String,
    pub(crate) body: String,
}

impl Answer {
    /// The `code` of the fault in it.
    pub(crate) fn fault_code(&self) -> Option<u16> {
        element(&self.body, "code").and_then(|code| code.parse().ok())
    }
}

/// Who calls: a certificate with its key, and whom to trust.
#[derive(Debug, Clone)]
pub(crate) struct Credential {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
    pub(crate) authority: PathBuf,
}

impl Credential {
    /// The user that `init` made.
    pub(crate) fn of(site: &Site) -> Self {
        let env = site.client_env();
        Self {
            certificate: env["X509_USER_CERT"].clone().into(),
            key: env["X509_USER_KEY"].clone().into(),
            authority: first_authority(Path::new(&env["X509_CERT_DIR"])),
        }
    }
}

fn first_authority(dir: &Path) -> PathBuf {
    let is_certificate = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "0");
    std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).find(is_certificate).expect("an authority")
}

/// A connection.
pub(crate) struct Portal {
    stream: BufReader<SslStream<TcpStream>>,
    host: String,
}

impl Portal {
    /// Connects as the user of the site.
    pub(crate) fn connect(site: &Site) -> io::Result<Self> {
        Self::connect_as(site.address(), Some(&Credential::of(site)))
    }

    /// Connects with a credential, or with none.
    pub(crate) fn connect_as(address: (String, u16), credential: Option<&Credential>) -> io::Result<Self> {
        let mut builder = SslConnector::builder(SslMethod::tls_client())?;
        match credential {
            Some(credential) => {
                builder.set_ca_file(&credential.authority)?;
                builder.set_certificate_chain_file(&credential.certificate)?;
                builder.set_private_key_file(&credential.key, SslFiletype::PEM)?;
            }
            None => builder.set_verify(SslVerifyMode::NONE),
        }
        let tcp = TcpStream::connect(("127.0.0.1", address.1))?;
        tcp.set_nodelay(true)?;
        tcp.set_read_timeout(Some(BOUND))?;
        let stream = builder.build().connect(&address.0, tcp).map_err(io::Error::other)?;
        Ok(Self { stream: BufReader::new(stream), host: format!("{}:{}", address.0, address.1) })
    }

    /// GET.
    pub(crate) fn get(&mut self, path: &str) -> io::Result<Answer> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.host);
        self.exchange(request.as_bytes())
    }

    /// POST.
    pub(crate) fn post(&mut self, path: &str, content_type: &str, body: &str) -> io::Result<Answer> {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: {content_type}\r\nSOAPAction: \"\"\r\nContent-Length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        );
        self.exchange(request.as_bytes())
    }

    /// Calls an operation without waiting for the answer.
    pub(crate) fn ask(&mut self, operation: &str, members: &str) -> io::Result<()> {
        let (body, host) = (envelope(operation, members), &self.host);
        let head = format!(
            "POST /services/grms HTTP/1.1\r\nHost: {host}\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        self.stream.get_mut().write_all((head + &body).as_bytes())
    }

    fn exchange(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.stream.get_mut().write_all(request)?;
        let (mut headers, mut length) = (String::new(), 0_usize);
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if line == "\r\n" {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
            headers.push_str(&line);
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        let status = headers.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Ok(Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() })
    }

    /// Calls an operation of the web service by SOAP 1.1. `members` is the XML inside the wrapper.
    pub(crate) fn call(&mut self, operation: &str, members: &str) -> io::Result<Answer> {
        self.post("/services/grms", "text/xml; charset=utf-8", &envelope(operation, members))
    }

    /// Submits a description and gives the job's id.
    pub(crate) fn submit(&mut self, description: &str) -> String {
        let answer = self.try_submit(description, None).expect("the broker answers");
        element(&answer.body, "jobId").unwrap_or_else(|| panic!("not accepted: {}", answer.body))
    }

    /// Submits a description, with the caller's own key for this submission if there is one.
    pub(crate) fn try_submit(&mut self, description: &str, key: Option<&str>) -> io::Result<Answer> {
        let key = key.map_or_else(String::new, |key| format!("<requestId>{key}</requestId>"));
        let members = format!("<jobDefinition>{}</jobDefinition>{key}", escaped(description));
        self.call("submitJob", &members)
    }

    /// `getJobInfo`.
    pub(crate) fn info(&mut self, id: &str) -> io::Result<Answer> {
        self.call("getJobInfo", &format!("<jobId>{id}</jobId>"))
    }

    /// The job's status.
    pub(crate) fn status(&mut self, id: &str) -> String {
        let answer = self.info(id).expect("the broker answers");
        element(&answer.body, "status").unwrap_or_else(|| panic!("no status: {}", answer.body))
    }

    /// Waits until the job is in one of these states; gives `getJobInfo`'s answer.
    pub(crate) fn wait_for(&mut self, id: &str, wanted: &[&str]) -> Answer {
        let end = Instant::now() + BOUND;
        loop {
            let answer = self.info(id).expect("the broker answers");
            let status = element(&answer.body, "status").unwrap_or_default();
            if wanted.contains(&status.as_str()) {
                return answer;
            }
            let over = ["FINISHED", "FAILED", "CANCELED"].contains(&status.as_str());
            assert!(!over && Instant::now() < end, "waited for {wanted:?}, but: {}", answer.body);
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits for the end of the job, whatever it is.
    pub(crate) fn wait_end(&mut self, id: &str) -> Answer {
        self.wait_for(id, &["FINISHED", "FAILED", "CANCELED"])
    }
}

/// A SOAP 1.1 envelope around an operation.
pub(crate) fn envelope(operation: &str, members: &str) -> String {
    format!(
        "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:g=\"urn:grms:2\"><soapenv:Body>\
         <g:{operation}>{members}</g:{operation}></soapenv:Body></soapenv:Envelope>"
    )
}

/// A text inside an element.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
