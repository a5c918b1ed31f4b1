//! A task handler for tests: it reports what it does, and ends a task when the
//! test says so.

use std::ops::ControlFlow;
use std::sync::mpsc::{self, Receiver, Sender};

use piper_rs::CancelToken;

use super::task::Task;
use super::task_queue::{TaskHandler, TaskQueue};

/// The label of a task after which [`FakeTaskHandler`] takes no more.
const BROKEN: &str = ":save broken";

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Report {
    Started(u64, String),
    Ended(u64),
    Cancelled(u64),
    Finished,
}

struct FakeTaskHandler {
    reports: Sender<Report>,
    /// `true` ends a task, `false` is a cancel.
    end: Receiver<bool>,
    end_sender: Sender<bool>,
}

impl TaskHandler for FakeTaskHandler {
    fn handle(&mut self, id: u64, task: &Task, cancel: &CancelToken) -> ControlFlow<()> {
        self.reports
            .send(Report::Started(id, task.label()))
            .unwrap();
        let end = self.end_sender.clone();
        let _guard = cancel.on_cancel(move || end.send(false).unwrap());
        let report = match self.end.recv().unwrap() {
            true => Report::Ended(id),
            false => Report::Cancelled(id),
        };
        self.reports.send(report).unwrap();
        match task.label().as_str() {
            BROKEN => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    }

    fn finish(&mut self) {
        self.reports.send(Report::Finished).unwrap();
    }
}

/// A queue with a [`FakeTaskHandler`].
pub(super) struct FakeQueue {
    pub(super) queue: TaskQueue,
    reports: Receiver<Report>,
    end: Sender<bool>,
}

impl FakeQueue {
    pub(super) fn start() -> Self {
        let (reports_sender, reports) = mpsc::channel();
        let (end_sender, end) = mpsc::channel();
        let handler = FakeTaskHandler {
            reports: reports_sender,
            end,
            end_sender: end_sender.clone(),
        };
        Self {
            queue: TaskQueue::start(handler).unwrap(),
            reports,
            end: end_sender,
        }
    }

    /// Ends the current task.
    pub(super) fn end_task(&self) {
        self.end.send(true).unwrap();
    }

    /// Waits for the next report.
    #[track_caller]
    pub(super) fn expect(&self, report: Report) {
        assert_eq!(self.reports.recv().unwrap(), report);
    }

    /// Returns the reports that have not been read.
    pub(super) fn reports(&self) -> Vec<Report> {
        self.reports.try_iter().collect()
    }
}
