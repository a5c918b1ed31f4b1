//! The width of a terminal.

/// The width to assume if it is unknown.
const USUAL_COLUMNS: usize = 80;

/// Returns the columns of the terminal that standard error is.
pub(crate) fn stderr_columns() -> usize {
    columns_of(&std::io::stderr()).unwrap_or(USUAL_COLUMNS)
}

/// Returns the columns of the terminal that `stream` is, if it is one.
#[cfg(unix)]
pub(crate) fn columns_of(stream: &impl std::os::fd::AsFd) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(stream).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

#[cfg(not(unix))]
pub(crate) fn columns_of<T>(_stream: &T) -> Option<usize> {
    None
}
