//! The list of protocols, and which of them a site has enabled. A new protocol is one more line in [`Protocols::new`].

use super::TransferProtocol;
use super::data::Inline;
use super::file::LocalFiles;
use super::gridftp::GridFtp;
use super::http::Http;
use crate::job::Scheme;
use serde::Deserialize;
use std::path::PathBuf;

/// What a site decides about transfers: the section `[transfer]` of the configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The schemes that job descriptions may use. A scheme no protocol here serves stays unavailable.
    pub schemes: Vec<Scheme>,
    /// The program that moves GridFTP files: a name found through `PATH`, or a path.
    pub globus_url_copy: String,
    /// A directory in which outputs of other accounts are copied before they are sent, in a private subdirectory each.
    pub spool: PathBuf,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            schemes: vec![Scheme::File, Scheme::Http, Scheme::Https, Scheme::Gsiftp, Scheme::Data],
            globus_url_copy: "globus-url-copy".into(),
            spool: std::env::temp_dir(),
        }
    }
}

/// Every protocol, ready to use.
pub struct Protocols {
    enabled: Vec<Scheme>,
    list: Vec<Box<dyn TransferProtocol>>,
}

impl Protocols {
    /// Opens every protocol with a site's settings.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self {
            enabled: settings.schemes.clone(),
            list: vec![
                Box::new(LocalFiles),
                Box::new(Inline),
                Box::new(Http::new(settings.spool.clone())),
                Box::new(GridFtp::new(settings.globus_url_copy.clone(), settings.spool.clone())),
            ],
        }
    }

    /// The protocol that serves a scheme, unless the site has disabled it or none does.
    #[must_use]
    pub fn for_scheme(&self, scheme: Scheme) -> Option<&dyn TransferProtocol> {
        if !self.enabled.contains(&scheme) {
            return None;
        }
        self.list.iter().find(|protocol| protocol.schemes().contains(&scheme)).map(AsRef::as_ref)
    }

    /// The schemes that can be used here, for descriptions and messages.
    pub fn schemes(&self) -> impl Iterator<Item = Scheme> {
        Scheme::ALL.iter().copied().filter(|scheme| self.for_scheme(*scheme).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_is_served_when_it_is_enabled_and_known() {
        let protocols = Protocols::new(&Settings::default());
        for scheme in [Scheme::File, Scheme::Http, Scheme::Https, Scheme::Gsiftp, Scheme::Data] {
            let protocol = protocols.for_scheme(scheme).expect("enabled by default");
            assert!(protocol.schemes().contains(&scheme));
        }
        assert!(protocols.for_scheme(Scheme::S3).is_none());

        let fewer = Settings { schemes: vec![Scheme::Https, Scheme::S3], ..Settings::default() };
        let protocols = Protocols::new(&fewer);
        assert!(protocols.for_scheme(Scheme::Http).is_none());
        assert_eq!(protocols.schemes().collect::<Vec<_>>(), [Scheme::Https]);
    }

    #[test]
    fn settings_have_defaults_and_refuse_unknown_keys() {
        let settings: Settings = toml::from_str("schemes = ['file']").unwrap();
        assert_eq!((settings.schemes, settings.globus_url_copy.as_str()), (vec![Scheme::File], "globus-url-copy"));
        assert!(toml::from_str::<Settings>("schema = ['file']").is_err());
    }
}
