//! The reader: power, pulling and putting back, one connection at a time; and vpcd's side of it.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::{
    io::{BufRead, BufReader, Read},
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use keyrite_virtual_card::wire;
use support::{IS_USER_VERIFIED, NOT_VERIFIED, OK, PROGRAM, SELECT, Served, VERIFY_USER};

const ATR: &[u8] = &[0x3B, 0x95, 0x13, 0x81, 0x01, 0x80, 0x73, 0xFF, 0x01, 0x00, 0x0B];

#[test]
fn it_answers_the_atr() {
    let served = Served::new();
    assert_eq!(served.connect().ask(&[wire::GET_ATR]).unwrap(), ATR);
}

#[test]
fn a_select_and_a_closed_connection_keep_the_pin_verified() {
    let served = Served::new();
    let mut line = served.connect();
    assert_eq!(line.ask(SELECT).unwrap(), OK);
    assert_eq!(line.ask(IS_USER_VERIFIED).unwrap(), NOT_VERIFIED);
    assert_eq!(line.ask(VERIFY_USER).unwrap(), OK);
    assert_eq!(line.ask(SELECT).unwrap(), OK);
    assert_eq!(line.ask(IS_USER_VERIFIED).unwrap(), OK);
    drop(line);
    let mut line = served.connect();
    assert_eq!(line.ask(SELECT).unwrap(), OK);
    assert_eq!(line.ask(IS_USER_VERIFIED).unwrap(), OK);
}

#[test]
fn power_off_and_reset_forget_the_pin() {
    let served = Served::new();
    for cut in [&[wire::POWER_OFF, wire::POWER_ON][..], &[wire::POWER_OFF], &[wire::RESET]] {
        let mut line = served.connect();
        assert_eq!(line.ask(VERIFY_USER).unwrap(), OK);
        for code in cut {
            wire::write(&mut line.0, &[*code]).unwrap();
        }
        assert_eq!(line.ask(IS_USER_VERIFIED).unwrap(), NOT_VERIFIED);
    }
}

#[test]
fn a_pulled_card_drops_its_connections_and_its_pin() {
    let served = Served::new();
    let mut line = served.connect();
    assert_eq!(line.ask(VERIFY_USER).unwrap(), OK);
    assert!(served.tell("eject").status.success());
    assert!(line.ask(SELECT).is_err(), "the open connection is gone");
    for message in [SELECT, &[wire::POWER_ON, wire::GET_ATR][..1], &[wire::GET_ATR]] {
        assert!(served.connect().ask(message).is_err(), "no card, no answer");
    }
    assert!(served.tell("insert").status.success());
    assert!(line.ask(SELECT).is_err(), "the old connection stays gone");
    let mut line = served.connect();
    assert_eq!(line.ask(SELECT).unwrap(), OK);
    assert_eq!(line.ask(IS_USER_VERIFIED).unwrap(), NOT_VERIFIED);
}

#[test]
fn to_pull_or_put_back_twice_is_no_error() {
    let served = Served::new();
    for verb in ["insert", "eject", "eject", "insert", "insert"] {
        assert!(served.tell(verb).status.success(), "{verb}");
    }
    assert_eq!(served.connect().ask(SELECT).unwrap(), OK);
}

#[test]
fn a_second_connection_waits_for_the_first() {
    let served = Served::new();
    let mut first = served.connect();
    first.ask(SELECT).unwrap();
    let mut second = served.connect();
    let (done, waiting) = mpsc::channel();
    let waiter = thread::spawn(move || {
        done.send(second.ask(IS_USER_VERIFIED).unwrap()).unwrap();
    });
    assert!(waiting.recv_timeout(Duration::from_millis(200)).is_err());
    first.ask(VERIFY_USER).unwrap();
    drop(first);
    assert_eq!(waiting.recv_timeout(Duration::from_secs(10)).unwrap(), OK, "what the first verified stays so");
    waiter.join().unwrap();
}

#[test]
fn a_command_of_a_peer_that_gave_up_waiting_is_not_executed() {
    let served = Served::new();
    let mut first = served.connect();
    first.ask(SELECT).unwrap();
    let mut second = served.connect();
    wire::write(&mut second.0, VERIFY_USER).unwrap();
    thread::sleep(Duration::from_millis(100));
    drop(second);
    drop(first);
    assert_eq!(served.connect().ask(IS_USER_VERIFIED).unwrap(), NOT_VERIFIED);
    thread::sleep(Duration::from_millis(100));
    assert_eq!(served.connect().ask(IS_USER_VERIFIED).unwrap(), NOT_VERIFIED);
}

#[test]
fn what_is_no_message_ends_the_connection_only() {
    let served = Served::new();
    for message in [&[][..], &[0x7F]] {
        assert!(served.connect().ask(message).is_err());
    }
    let mut line = served.connect();
    wire::write(&mut line.0, SELECT).unwrap();
    drop(line);
    assert_eq!(served.connect().ask(&[0, 1]).unwrap(), [0x67, 0x00], "too short for an APDU");
    assert_eq!(served.connect().ask(SELECT).unwrap(), OK);
}

#[test]
fn vpcd_finds_the_card() {
    let vpcd = TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut card = Command::new(PROGRAM)
        .arg("vpcd")
        .arg("--card")
        .arg(folder.path().join("card"))
        .args(["--port", &vpcd.local_addr().unwrap().port().to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(card.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    let mut slot = vpcd.accept().unwrap().0;
    let mut ask = |message: &[u8]| ask(&mut slot, message);
    assert_eq!(ask(&[wire::GET_ATR]), ATR);
    assert_eq!(ask(SELECT), OK);
    assert_eq!(ask(VERIFY_USER), OK);
    // Le of 1 for a challenge of 1 byte.
    assert_eq!(ask(&[0, 0x84, 0, 0, 1]).len(), 3);
    assert_eq!(ask(IS_USER_VERIFIED), OK);
    drop(slot);
    assert!(card.wait().unwrap().success(), "pcscd ended: so does the card");
}

fn ask(slot: &mut TcpStream, message: &[u8]) -> Vec<u8> {
    wire::write(slot, message).unwrap();
    let mut length = [0; 2];
    slot.read_exact(&mut length).unwrap();
    let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
    slot.read_exact(&mut answer).unwrap();
    answer
}
