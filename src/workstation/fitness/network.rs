//! Interfaces, addresses and routes, by /proc/net and /sys/class/net: sockets are not needed for any of it.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use super::Diagnosis;
use super::files::{Files, Unseen, listed, shown};

const INTERFACES: &str = "network.interfaces";
const ADDRESSES: &str = "network.addresses";
const ROUTES: &str = "network.routes";

/// `IFF_UP`: somebody or something switched the interface on (netdevice(7)).
const SWITCHED_ON: u32 = 1;
/// `RTF_REJECT`: a route that leads nowhere (linux/route.h).
const REJECT: u32 = 0x200;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Up,
    NoLink,
    Off,
    Unknown,
}

struct Interface {
    name: String,
    state: State,
}

impl Interface {
    fn words(&self) -> String {
        let name = shown(&self.name);
        match self.state {
            State::Up => format!("{name} is up"),
            State::NoLink => format!("{name} is on, without a link"),
            State::Off => format!("{name} is off"),
            State::Unknown => format!("{name} is in a state that cannot be seen"),
        }
    }
}

pub(super) fn interfaces(files: &Files) -> Diagnosis {
    let Ok(all) = read(files) else { return Diagnosis::unseen(INTERFACES, "the list of network interfaces") };
    let (off, on): (Vec<&Interface>, Vec<&Interface>) = all.iter().partition(|i| i.state == State::Off);
    let mut words: Vec<String> = on.iter().map(|interface| interface.words()).collect();
    words.extend((!off.is_empty()).then(|| format!("off: {}", names(&off))));
    let words = words.join("; ");
    if all.is_empty() {
        Diagnosis::fit(INTERFACES, "no network interface but the loopback")
    } else if on.is_empty() {
        Diagnosis::note(INTERFACES, words, None)
    } else {
        let mend = format!("pull the cable, and switch off: {} (ip link set NAME down)", names(&on));
        Diagnosis::unfit(INTERFACES, words, &mend)
    }
}

fn names(interfaces: &[&Interface]) -> String {
    listed(interfaces.iter().map(|interface| interface.name.as_str()))
}

pub(super) fn addresses(files: &Files) -> Diagnosis {
    let (Ok(v4), Ok(v6)) = (files.text("proc/net/fib_trie"), ipv6(files, "proc/net/if_inet6")) else {
        return Diagnosis::unseen(ADDRESSES, "the list of addresses");
    };
    match (v4_addresses(&v4), v6_addresses(&v6)) {
        (0, 0) => Diagnosis::fit(ADDRESSES, "no address but the loopback's"),
        (v4, v6) => {
            let words = format!("{v4} IPv4 and {v6} IPv6 beside the loopback's");
            Diagnosis::unfit(ADDRESSES, words, "they go with the interfaces")
        }
    }
}

pub(super) fn routes(files: &Files) -> Diagnosis {
    match all_routes(files) {
        Err(_) => Diagnosis::unseen(ROUTES, "the list of routes"),
        Ok(routes) if routes.is_empty() => Diagnosis::fit(ROUTES, "no route leads out of this machine"),
        Ok(routes) => {
            let words = routes.into_iter().collect::<Vec<_>>().join("; ");
            Diagnosis::unfit(ROUTES, words, "they go with the interfaces")
        }
    }
}

/// Interfaces that are not off, and routes. What cannot be seen is a way out too.
pub(super) fn ways_out(files: &Files) -> BTreeSet<String> {
    let mut ways = all_routes(files).unwrap_or_else(|_| BTreeSet::from(["routes that cannot be seen".to_owned()]));
    match read(files) {
        Ok(all) => ways.extend(all.iter().filter(|i| i.state != State::Off).map(Interface::words)),
        Err(_) => drop(ways.insert("interfaces that cannot be seen".to_owned())),
    }
    ways
}

/// All interfaces but the loopback. /sys shows the network of whoever mounted it, /proc/net that of this process: what is in
/// either counts.
fn read(files: &Files) -> Result<Vec<Interface>, Unseen> {
    let mut names: BTreeSet<String> = files.names("sys/class/net")?.into_iter().collect();
    names.extend(own_interfaces(&files.text("proc/net/dev")?));
    // A plain file there, of the bonding driver, is no interface.
    names.retain(|name| name != "lo" && name != "bonding_masters");
    Ok(names.into_iter().map(|name| Interface { state: state(files, &name), name }).collect())
}

/// Names in /proc/net/dev: two lines of headings, then `  eth0: 1 2 3`.
fn own_interfaces(text: &str) -> impl Iterator<Item = String> {
    text.lines().skip(2).filter_map(|line| line.rsplit_once(':')).map(|(name, _)| name.trim().to_owned())
}

fn state(files: &Files, name: &str) -> State {
    let read = |what: &str| files.word(&format!("sys/class/net/{name}/{what}"));
    let flags = read("flags");
    let Ok(flags) = u32::from_str_radix(flags.trim_start_matches("0x"), 16) else { return State::Unknown };
    let link = read("operstate") == "up" || read("carrier") == "1";
    match (flags & SWITCHED_ON != 0, link) {
        (_, true) => State::Up,
        (true, false) => State::NoLink,
        (false, false) => State::Off,
    }
}

/// A file that is missing where the kernel has no IPv6.
fn ipv6(files: &Files, path: &str) -> Result<String, Unseen> {
    match files.text(path) {
        Err(Unseen::Missing) => Ok(String::new()),
        other => other,
    }
}

/// Addresses of this machine in /proc/net/fib_trie: a line `|-- 192.0.2.2`, and below it `/32 host LOCAL`.
fn v4_addresses(text: &str) -> usize {
    let (mut address, mut found) = (None, BTreeSet::new());
    for line in text.lines() {
        if let Some((_, rest)) = line.split_once("|-- ") {
            address = rest.trim().parse::<Ipv4Addr>().ok();
        } else if line.trim_end().ends_with("host LOCAL") {
            found.extend(address.filter(|address| !address.is_loopback()));
        }
    }
    found.len()
}

/// Lines of /proc/net/if_inet6: address, number, prefix, scope, flags, interface.
fn v6_addresses(text: &str) -> usize {
    text.lines().filter(|line| line.split_whitespace().last().is_some_and(|name| name != "lo")).count()
}

fn all_routes(files: &Files) -> Result<BTreeSet<String>, Unseen> {
    let mut routes = v4_routes(&files.text("proc/net/route")?);
    routes.extend(v6_routes(&ipv6(files, "proc/net/ipv6_route")?));
    Ok(routes)
}

/// /proc/net/route: a line of headings, then interface, destination, gateway, flags, three numbers, mask.
fn v4_routes(text: &str) -> BTreeSet<String> {
    let lines = text.lines().skip(1).filter(|line| !line.trim().is_empty());
    lines
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let &[name, to, _, flags, _, _, _, mask, ..] = fields.as_slice() else { return Some(unclear("IPv4")) };
            route("IPv4", name, flags, [to, mask].iter().all(|field| is_zero(field)))
        })
        .collect()
}

/// /proc/net/ipv6_route: destination, prefix, source, prefix, next hop, metric, two counts, flags, interface.
fn v6_routes(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let &[to, prefix, _, _, _, _, _, _, flags, name] = fields.as_slice() else { return Some(unclear("IPv6")) };
            route("IPv6", name, flags, [to, prefix].iter().all(|field| is_zero(field)))
        })
        .collect()
}

fn route(family: &str, name: &str, flags: &str, default: bool) -> Option<String> {
    let rejects = u32::from_str_radix(flags, 16).is_ok_and(|flags| flags & REJECT != 0);
    if name == "lo" || rejects {
        return None;
    }
    let kind = if default { "default route" } else { "route" };
    Some(format!("{family} {kind} through {}", shown(name)))
}

fn unclear(family: &str) -> String {
    format!("{family} route that is not understood")
}

fn is_zero(hex: &str) -> bool {
    hex.bytes().all(|byte| byte == b'0')
}
