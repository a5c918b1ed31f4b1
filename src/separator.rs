//! What separates the fields of a table.

/// Returns what separates the names of the columns: the mark that is most frequent in
/// the header, outside of quotes. Spreadsheets write semicolons where the comma is the
/// decimal mark.
pub(crate) fn separator(header: &str) -> u8 {
    let unquoted = header.split('"').step_by(2);
    let marks = unquoted.flat_map(str::bytes);
    let count = |mark: u8| marks.clone().filter(|byte| *byte == mark).count();
    // Of equal counts, `max_by_key` takes the last: the comma.
    let most = [b'|', b'\t', b';', b',']
        .into_iter()
        .max_by_key(|mark| count(*mark));
    most.unwrap_or(b',')
}
