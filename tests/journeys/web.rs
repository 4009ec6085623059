//! A small web server: gives what it was told to give, keeps what is put.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// The content of each path; nothing for one that was asked for in vain.
type Files = Arc<Mutex<HashMap<String, Option<Vec<u8>>>>>;

pub(crate) struct Web {
    pub(crate) port: u16,
    files: Files,
}

impl Web {
    /// Starts it; it ends with the test.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let web = Self { port: listener.local_addr().unwrap().port(), files: Files::default() };
        web.serve(listener);
        web
    }

    /// Listens on another port too.
    pub(crate) fn also_on(&self, port: u16) {
        self.serve(TcpListener::bind(("127.0.0.1", port)).unwrap());
    }

    /// Whether somebody asked for something that is not there.
    pub(crate) fn was_asked_in_vain(&self, path: &str) -> bool {
        self.files.lock().unwrap().get(path).is_some_and(Option::is_none)
    }

    fn serve(&self, listener: TcpListener) {
        let shared = Arc::clone(&self.files);
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let files = Arc::clone(&shared);
                std::thread::spawn(move || answer(connection, &files));
            }
        });
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("<url>http://127.0.0.1:{}{path}</url>", self.port)
    }

    pub(crate) fn give(&self, path: &str, content: &[u8]) {
        self.files.lock().unwrap().insert(path.to_owned(), Some(content.to_vec()));
    }

    pub(crate) fn kept(&self, path: &str) -> Option<Vec<u8>> {
        self.files.lock().unwrap().get(path).cloned().flatten()
    }
}

fn answer(connection: TcpStream, files: &Files) -> Option<()> {
    let mut reader = BufReader::new(connection);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut words = first.split(' ');
    let (method, path) = (words.next()?, words.next()?.to_owned());
    let (status, body) = if method == "PUT" {
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        files.lock().unwrap().insert(path, Some(body));
        ("201 Created", Vec::new())
    } else {
        match files.lock().unwrap().entry(path).or_default() {
            Some(content) => ("200 OK", content.clone()),
            None => ("404 Not Found", b"nothing here".to_vec()),
        }
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    reader.get_mut().write_all(head.as_bytes()).and_then(|()| reader.get_mut().write_all(&body)).ok()
}
