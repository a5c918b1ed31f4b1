//! Why a download failed.

use super::Cause;

/// Why a file cannot be downloaded, or is not the expected file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BadDownload {
    /// The server cannot be reached.
    #[error("no connection")]
    NoConnection(#[source] Cause),
    /// The server's certificate is not trusted.
    #[error("its certificate is not trusted")]
    Untrusted(#[source] Cause),
    /// The server's response is not the file.
    #[error("the server answered {status}{}", wait(*.retry_after_seconds))]
    Status {
        /// The HTTP status code and its reason phrase.
        status: String,
        /// How long the server asks the client to wait.
        retry_after_seconds: Option<u64>,
    },
    /// A local file cannot be read.
    #[error("cannot read it")]
    Local(#[source] std::io::Error),
    /// An HTML page came instead of the file: an error or login page.
    #[error("received a web page instead of the file")]
    WebPage,
    /// The size differs from the catalogue's.
    #[error("it has {got} bytes; the catalogue says {expected}")]
    Size {
        /// The catalogue's size.
        expected: u64,
        /// The file's size.
        got: u64,
    },
    /// The file is larger than any file of its kind.
    #[error("it has more than {0} bytes")]
    TooLarge(u64),
    /// The content differs from the catalogue's.
    #[error("its md5 is {got}; the catalogue says {expected}")]
    Md5 {
        /// The catalogue's MD5.
        expected: String,
        /// The file's MD5.
        got: String,
    },
    /// The connection broke and could not be resumed.
    #[error("the connection broke after {at} bytes")]
    Broken {
        /// How many bytes are kept for the next attempt.
        at: u64,
        /// Why it broke.
        source: Cause,
    },
    /// Another process is downloading the same file.
    #[error("another process is downloading it")]
    Busy,
    /// The file is not a voice config.
    #[error("it is not a voice config")]
    NotConfig(#[source] Cause),
    /// The file is not a catalogue.
    #[error("it is not a voice catalogue")]
    NotCatalogue(#[source] Cause),
}

fn wait(seconds: Option<u64>) -> String {
    seconds.map_or_else(String::new, |n| format!(" and asks to wait {n} seconds"))
}
