//! What a program took: processor time, wall time, memory.
#![allow(dead_code, reason = "each program needs some of this")]

use std::process::{Command, Output, Stdio};

/// Runs a program, and says at the end how it ended (a signal below zero), processor seconds with those of its children and without
/// them, wall seconds, and its largest size in KiB.
const MEASURE: &str = "
import os, resource, subprocess, sys, time
begun = time.monotonic()
child = subprocess.Popen(sys.argv[1:])
os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
wall = time.monotonic() - begun
own = open('/proc/%d/stat' % child.pid).read().rpartition(')')[2].split()
own = (int(own[11]) + int(own[12])) / os.sysconf('SC_CLK_TCK')
code = child.wait()
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print('\\n%d %.3f %.3f %.3f %d' % (code, used.ru_utime + used.ru_stime, own, wall, used.ru_maxrss), file=sys.stderr)
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
    /// Processor seconds, its children's among them.
    pub(crate) cpu: f64,
    /// Its own.
    pub(crate) own: f64,
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
    let [code, cpu, own, wall, size] = numbers.split(' ').collect::<Vec<_>>()[..] else { panic!("{numbers}") };
    let number = |text: &str| text.parse::<f64>().expect("a number");
    Measured {
        code: code.parse().expect("a code"),
        out,
        err: err.to_owned(),
        cpu: number(cpu),
        own: number(own),
        wall: number(wall),
        size: size.parse().expect("a size"),
    }
}
