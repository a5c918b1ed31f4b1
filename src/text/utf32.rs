//! UTF-32, which the WHATWG Encoding Standard does not have.

/// The order of the bytes of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ByteOrder {
    BigEndian,
    LittleEndian,
}

/// Decodes UTF-32 that arrives in blocks of any size.
#[derive(Debug)]
pub(super) struct Utf32Decoder {
    order: ByteOrder,
    /// The first bytes of a character whose other bytes have not arrived.
    partial: Vec<u8>,
    /// Bytes of complete characters so far, the byte order mark included.
    offset: u64,
}

/// What the first bytes of an input say.
#[derive(Debug)]
pub(super) enum Utf32Mark {
    /// They are the byte order mark of UTF-32.
    Found(Utf32Decoder),
    /// They may be a part of it.
    Possible,
    No,
}

impl Utf32Mark {
    /// Looks at the first bytes of an input.
    ///
    /// `FF FE 00 00` is a mark of UTF-16 too, but no text begins with a NUL.
    pub(super) fn of(start: &[u8]) -> Self {
        let marks = [
            (ByteOrder::BigEndian, [0, 0, 0xFE, 0xFF]),
            (ByteOrder::LittleEndian, [0xFF, 0xFE, 0, 0]),
        ];
        for (order, mark) in marks {
            if start.starts_with(&mark) {
                return Self::Found(Utf32Decoder {
                    order,
                    partial: Vec::with_capacity(4),
                    offset: 0,
                });
            }
            if mark.starts_with(start) {
                return Self::Possible;
            }
        }
        Self::No
    }
}

/// Bytes that are no character.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadCharacter {
    /// Offset of the first of them in the input, counted from 0.
    pub(super) offset: u64,
}

impl Utf32Decoder {
    /// Returns the encoding's name.
    pub(super) fn name(&self) -> &'static str {
        match self.order {
            ByteOrder::BigEndian => "UTF-32BE",
            ByteOrder::LittleEndian => "UTF-32LE",
        }
    }

    /// Appends the text of `bytes` to `text`, without the byte order mark. On
    /// an error, the text before the invalid bytes is appended.
    pub(super) fn decode(&mut self, bytes: &[u8], text: &mut String) -> Result<(), BadCharacter> {
        for &byte in bytes {
            self.partial.push(byte);
            let Ok(character) = <[u8; 4]>::try_from(self.partial.as_slice()) else {
                continue;
            };
            let code_point = match self.order {
                ByteOrder::BigEndian => u32::from_be_bytes(character),
                ByteOrder::LittleEndian => u32::from_le_bytes(character),
            };
            let c = char::from_u32(code_point).ok_or_else(|| self.bad())?;
            if self.offset > 0 {
                text.push(c); // the first character is the mark
            }
            self.offset += 4;
            self.partial.clear();
        }
        Ok(())
    }

    /// Checks that the input did not end within a character.
    pub(super) fn finish(&self) -> Result<(), BadCharacter> {
        match self.partial.as_slice() {
            [] => Ok(()),
            _ => Err(self.bad()),
        }
    }

    fn bad(&self) -> BadCharacter {
        BadCharacter {
            offset: self.offset,
        }
    }
}
