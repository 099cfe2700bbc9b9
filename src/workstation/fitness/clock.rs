//! What the machine's clock runs on. Whether it is right is what witnesses say (CLOCK-1).

use super::Diagnosis;
use super::files::{Files, shown};

const SOURCE: &str = "clock.source";
const KEPT: &str = "clock.kept";

pub(super) fn source(files: &Files) -> Diagnosis {
    let source = files.word("sys/devices/system/clocksource/clocksource0/current_clocksource");
    match source.as_str() {
        "" => Diagnosis::note(SOURCE, "what the clock runs on cannot be seen", None),
        // The host decides what time it is.
        "kvm-clock" | "xen" | "hyperv_clocksource_tsc_page" | "hyperv_clocksource_msr" => {
            let words = format!("the clock is the host's ({})", shown(&source));
            Diagnosis::note(SOURCE, words, None)
        }
        source => Diagnosis::fit(SOURCE, format!("the clock runs on {}", shown(source))),
    }
}

pub(super) fn kept(files: &Files) -> Diagnosis {
    match files.class("sys/class/rtc") {
        Ok(clocks) if !clocks.is_empty() => Diagnosis::fit(KEPT, "a clock keeps the time while the power is off"),
        _ => {
            let words = "no clock keeps the time while off: set it after a start";
            Diagnosis::note(KEPT, words, None)
        }
    }
}
