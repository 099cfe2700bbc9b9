//! What a program took: processor time, wall time, memory.
#![allow(dead_code, reason = "each program needs some of this")]

use std::process::{Command, Output, Stdio};

/// Runs a program, and says at the end how it ended (a signal below zero), its processor seconds, its wall seconds, and its largest
/// size in KiB. All of its children count.
const MEASURE: &str = "
import resource, subprocess, sys, time
begun = time.monotonic()
code = subprocess.call(sys.argv[1:])
wall = time.monotonic() - begun
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print('\\n%d %.3f %.3f %d' % (code, used.ru_utime + used.ru_stime, wall, used.ru_maxrss), file=sys.stderr)
";

/// How a program ended, and what it took.
#[derive(Debug)]
pub(crate) struct Measured {
    /// The exit code; a signal below zero.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
    /// Processor seconds.
    pub(crate) cpu: f64,
    /// Wall seconds.
    pub(crate) wall: f64,
    /// The largest size in KiB.
    pub(crate) size: u64,
}

/// Runs a program to its end, without input.
pub(crate) fn measured(command: &Command) -> Measured {
    let mut measure = Command::new("python3");
    measure.args(["-c", MEASURE]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => measure.env(name, value),
            None => measure.env_remove(name),
        };
    }
    measure.current_dir(command.get_current_dir().unwrap_or(std::path::Path::new("."))).stdin(Stdio::null());
    let Output { stdout, stderr, .. } = measure.output().expect("python3");
    let (out, said) = (String::from_utf8_lossy(&stdout).into_owned(), String::from_utf8(stderr).expect("UTF-8"));
    let (err, numbers) = said.trim_end().rsplit_once('\n').expect("what it took");
    let [code, cpu, wall, size] = numbers.split(' ').collect::<Vec<_>>()[..] else { panic!("{numbers}") };
    let number = |text: &str| text.parse::<f64>().expect("a number");
    Measured {
        code: code.parse().expect("a code"),
        out,
        err: err.to_owned(),
        cpu: number(cpu),
        wall: number(wall),
        size: size.parse().expect("a size"),
    }
}
