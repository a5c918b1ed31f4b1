//! The hash that catalogues give: the only door to the `md5` crate.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use md5::Digest as _;

/// An MD5 being made. It tells damage, not malice: what it is compared with
/// comes from where the file comes from.
#[derive(Clone, Default)]
pub struct Md5(md5::Md5);

impl Md5 {
    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Takes the rest of a file.
    pub(super) fn update_from(&mut self, file: &mut File) -> io::Result<()> {
        let mut buffer = vec![0; 1 << 16];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(()),
                n => self.update(&buffer[..n]),
            }
        }
    }

    /// Returns 32 hexadecimal digits in lower case.
    pub fn finish(self) -> String {
        let mut digits = Vec::with_capacity(32);
        for byte in self.0.finalize() {
            // Writing to memory cannot fail.
            _ = write!(digits, "{byte:02x}");
        }
        String::from_utf8_lossy(&digits).into_owned()
    }

    /// Reads a file through.
    pub fn of_file(path: &Path) -> io::Result<String> {
        let mut md5 = Self::default();
        md5.update_from(&mut File::open(path)?)?;
        Ok(md5.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_md5_of_rfc_1321() {
        for (text, expected) in [
            ("", "d41d8cd98f00b204e9800998ecf8427e"),
            ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
        ] {
            let mut md5 = Md5::default();
            md5.update(text.as_bytes());
            assert_eq!(md5.finish(), expected);
        }
    }
}
