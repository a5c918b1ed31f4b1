//! A server that is too busy to take a request.

use std::sync::mpsc;
use std::time::Duration;

use piper_rs::CancelToken;

use super::exchange::ExchangeError;

/// The first wait before a request is sent again; each further one is twice as long, up
/// to a second, which is what the server advises.
const FIRST_WAIT: Duration = Duration::from_millis(20);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Sends a request until the server takes it, fails otherwise, or `cancel` is cancelled.
/// Then the last refusal is returned.
pub(super) fn until_taken<T>(
    cancel: &CancelToken,
    send: impl FnMut() -> Result<T, ExchangeError>,
) -> Result<T, ExchangeError> {
    let (wake, woken) = mpsc::channel();
    let _guard = cancel.on_cancel(move || _ = wake.send(()));
    let wait = |time| match woken.recv_timeout(time) {
        Err(mpsc::RecvTimeoutError::Timeout) => Waited::All,
        _ => Waited::Cancelled,
    };
    repeat(send, wait)
}

/// How a wait has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waited {
    All,
    Cancelled,
}

fn repeat<T>(
    mut send: impl FnMut() -> Result<T, ExchangeError>,
    mut wait: impl FnMut(Duration) -> Waited,
) -> Result<T, ExchangeError> {
    let mut next_wait = FIRST_WAIT;
    loop {
        let sent = send();
        let is_busy = sent.as_ref().is_err_and(ExchangeError::is_busy);
        if !is_busy || wait(next_wait) == Waited::Cancelled {
            return sent;
        }
        next_wait = LONGEST_WAIT.min(next_wait * 2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16) -> ExchangeError {
        ExchangeError::Refused(status, "no".to_owned())
    }

    #[test]
    fn the_waits_grow_until_the_server_takes_the_request() {
        let (mut n_sent, mut waits) = (0, Vec::new());
        let send = || {
            n_sent += 1;
            if n_sent < 10 {
                Err(refused(503))
            } else {
                Ok(n_sent)
            }
        };
        let wait = |time: Duration| {
            waits.push(time.as_millis());
            Waited::All
        };
        assert_eq!(repeat(send, wait).unwrap(), 10);
        assert_eq!(waits, [20, 40, 80, 160, 320, 640, 1000, 1000, 1000]);
    }

    #[test]
    fn what_is_refused_for_another_reason_is_sent_once() {
        let mut n_sent = 0;
        let send = || {
            n_sent += 1;
            Err::<(), _>(refused(409))
        };
        assert!(repeat(send, |_| panic!("a wait")).is_err());
        assert_eq!(n_sent, 1);
    }

    #[test]
    fn a_cancelled_run_waits_no_longer() {
        let cancel = CancelToken::new();
        cancel.cancel();
        let mut n_sent = 0;
        let sent = until_taken(&cancel, || {
            n_sent += 1;
            Err::<(), _>(refused(503))
        });
        assert!(sent.unwrap_err().is_busy());
        assert_eq!(n_sent, 1);
    }
}
