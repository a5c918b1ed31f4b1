//! The hash that catalogues give: the only module that uses the `md-5` crate.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use md5::Digest as _;

/// A running MD5. It detects damage, not tampering: the expected value comes
/// from the same server as the file.
#[derive(Clone, Default)]
pub struct Md5(md5::Md5);

impl Md5 {
    /// Returns 32 hexadecimal digits in lower case.
    pub fn hex(self) -> String {
        let digest = self.0.finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Hashes bytes in memory.
    pub fn of_bytes(bytes: &[u8]) -> String {
        Self(md5::Md5::new_with_prefix(bytes)).hex()
    }

    /// Reads and hashes a file.
    pub fn of_file(path: &Path) -> io::Result<String> {
        let mut md5 = Self::default();
        io::copy(&mut File::open(path)?, &mut md5)?;
        Ok(md5.hex())
    }
}

impl Write for Md5 {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_one_of_rfc_1321() {
        for (text, expected) in [
            ("", "d41d8cd98f00b204e9800998ecf8427e"),
            ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
        ] {
            assert_eq!(Md5::of_bytes(text.as_bytes()), expected);
        }
    }
}
