//! Card readers, printer and terminal: whether they are there. Nothing is opened.

use super::Diagnosis;
use super::files::{Files, Unseen};
use super::usb::Device;

const CARD_READERS: &str = "devices.card-readers";
const PRINTER: &str = "devices.printer";
const TERMINAL: &str = "devices.terminal";

pub(super) fn card_readers(files: &Files, plugged: &Result<Vec<Device>, Unseen>) -> Diagnosis {
    let count = plugged.iter().flatten().filter(|device| device.reads_cards()).count();
    let service = files.exists("run/pcscd/pcscd.comm");
    match (count, service) {
        (0, true) => Diagnosis::note(CARD_READERS, "the service pcscd is there, and no USB card reader", None),
        (0, false) => Diagnosis::note(CARD_READERS, "no USB card reader, no pcscd: no real cards", None),
        (count, true) => Diagnosis::fit(CARD_READERS, format!("{count} USB card reader(s), and the service pcscd")),
        (count, false) => {
            let words = format!("{count} USB card reader(s), and no service pcscd");
            Diagnosis::note(CARD_READERS, words, Some("install pcscd"))
        }
    }
}

pub(super) fn printer(files: &Files) -> Diagnosis {
    let printers = files.class("dev/usb").unwrap_or_default();
    let count = printers.iter().filter(|name| name.starts_with("lp")).count();
    // The service keeps what it printed, on the disk (cupsd.conf(5), PreserveJobFiles).
    if files.exists("run/cups/cups.sock") {
        let words = format!("{count} USB printer(s), and the service cups, which keeps what it prints for a while");
        Diagnosis::note(PRINTER, words, Some("stop cups; print to the device itself"))
    } else if count == 0 {
        Diagnosis::note(PRINTER, "no printer: sheets are copied by hand", None)
    } else {
        Diagnosis::fit(PRINTER, format!("{count} USB printer(s), and no printing service"))
    }
}

pub(super) fn terminal(files: &Files) -> Diagnosis {
    match files.text("proc/self/stat").ok().as_deref().and_then(controlling_terminal) {
        Some(device) if device != 0 && files.exists("dev/tty") => {
            Diagnosis::fit(TERMINAL, "people can answer at this terminal")
        }
        _ => Diagnosis::note(TERMINAL, "started without a terminal: people cannot answer here", None),
    }
}

/// The seventh field, `tty_nr`: the second is a name in parentheses that may hold anything (proc_pid_stat(5)).
fn controlling_terminal(stat: &str) -> Option<i64> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(4)?.parse().ok()
}
