//! What a client program printed, step by step, held against what the broker must have answered.

use crate::stage::Stage;

/// A step that not every stack can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extra {
    /// The same submission again, its members in another order: the same job.
    Order,
    /// `getJobInfo` and its fault by SOAP 1.2.
    Soap12,
    /// A document of JSDL and a job of version 3.
    Dialects,
}

/// The lines of a program: a word, a colon, values.
pub(crate) struct Report<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Report<'a> {
    /// Reads what was printed.
    pub(crate) fn read(printed: &'a str) -> Self {
        Self(printed.lines().filter_map(|line| line.split_once(':')).map(|(word, rest)| (word, rest.trim())).collect())
    }

    /// The values after a word, in order.
    pub(crate) fn all(&self, word: &str) -> Vec<&'a str> {
        self.0.iter().filter(|(known, _)| *known == word).map(|(_, values)| *values).collect()
    }

    /// The values after a word that comes exactly once.
    pub(crate) fn one(&self, word: &str) -> &'a str {
        match self.all(word).as_slice() {
            [values] => values,
            other => panic!("expected one line `{word}`, found {other:?} in {:?}", self.0),
        }
    }

    fn expect(&self, word: &str, values: &str) {
        assert_eq!(self.one(word), values, "the step `{word}`");
    }

    /// Holds every step, and tells in one line which client did what.
    pub(crate) fn check(&self, stage: &Stage, extras: &[Extra]) -> String {
        let (job, status) = self.one("submitted").split_once(' ').expect("an id and a status");
        assert!(!job.is_empty() && status == "QUEUED", "the answer of submitJob: {job} {status}");
        self.expect("ended", "FINISHED");
        self.expect("info", &format!("{job} {} 0 1 true", stage.name()));
        self.expect("history", "1 DONE");
        self.expect("listed", "true");
        self.expect("unknown", "StateFault 301 JOB_NOT_FOUND false no-such-job");
        let message = self.one("message");
        assert!(message.contains("`no-such-job`"), "{message}");
        self.expect("refused", "DescriptionFault 112 DESC_INVALID false");
        let places = [
            "ERROR 112 3 31 /grmsjob/simplejob/executable/@count",
            "ERROR 112 5 7 /grmsjob/simplejob/executable/frobnicate",
        ];
        assert_eq!(self.all("diagnostic"), places);
        self.expect("bulk", "1 0 2 112 DESC_INVALID FINISHED");
        let mut did =
            "submit, wait, info, history, list, fault 301, fault 112 with 2 diagnostics, bulk with a bad item"
                .to_owned();
        if extras.contains(&Extra::Order) {
            self.expect("again", job);
            did.push_str(", another order of members");
        }
        if extras.contains(&Extra::Soap12) {
            self.expect("soap12", "FINISHED StateFault 301");
            did.push_str(", SOAP 1.2");
        }
        if extras.contains(&Extra::Dialects) {
            self.expect("dialects", "FINISHED FINISHED");
            assert_eq!(stage.scene.read("jsdl-output"), "from JSDL\n");
            assert_eq!(stage.scene.read("version-3-output"), "from version 3\n");
            did.push_str(", JSDL, version 3");
        }
        stage.check_output();
        format!("{}: {did}", self.one("version"))
    }
}
