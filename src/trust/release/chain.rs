//! From a file to the root, link by link.

use sequoia_openpgp::Cert;
use sequoia_openpgp::crypto::hash::Context;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedRole};

use super::delegations::{self, Delegation, Taken};
use super::published::{Published, Vouched};
use super::signature::UntrustedSignature;
use super::verdict::{Answer, Kind, Link, No, State, Who};
use crate::model::control::Control;
use crate::model::hash::Hash;
use crate::model::past_releases::PastRelease;
use crate::model::shown::Shown;
use crate::model::timestamp::Timestamp;
use crate::trust::openpgp::fingerprint_of;

type Key = sequoia_openpgp::packet::Key<PublicParts, UnspecifiedRole>;

/// A file that somebody wants to use.
pub struct Question<'a> {
    /// What it is called, as the list of past releases would call it.
    pub file: &'a str,
    /// Its SHA-256.
    pub sha256: Hash,
    /// The signature.
    pub signature: &'a UntrustedSignature,
    /// What the signature's hash has read of the file; none when its algorithm is not one that counts.
    pub context: Option<&'a Context>,
    /// The scope that is asked for, if any.
    pub scope: Option<&'a str>,
    /// The present.
    pub now: Timestamp,
}

/// The links, as they are looked at.
struct Chain {
    links: Vec<Link>,
    no: Option<No>,
}

impl Chain {
    /// Puts a link down. The first one that breaks decides.
    fn look<T>(&mut self, name: &'static str, seen: Result<(T, String), No>) -> Option<T> {
        let (state, words, value) = match seen {
            Ok((value, words)) => (State::Ok, Shown::new(&words), Some(value)),
            Err(no) => {
                let words = no.words.clone();
                self.no.get_or_insert(no);
                (State::No, words, None)
            }
        };
        self.links.push(Link { name, state, words });
        value
    }

    fn open(&mut self, name: &'static str, words: &str) {
        self.links.push(Link { name, state: State::Open, words: Shown::new(words) });
    }
}

/// A signature that somebody of the published keys made.
struct Made<'a> {
    cert: &'a Cert,
    key: Key,
    on: Timestamp,
    /// When the key ends by itself.
    ends: Option<Timestamp>,
}

/// Why a delegation counts no more, though it counted when the signature was made.
enum Over {
    Ended(Timestamp),
    Withdrawn(Option<Timestamp>),
    KeyEnded(Timestamp),
    Compromised(Timestamp),
}

impl Over {
    fn words(&self) -> String {
        match self {
            Self::Ended(at) => format!("the delegation ended on {}", at.date()),
            Self::Withdrawn(Some(at)) => format!("the delegation was withdrawn on {}", at.date()),
            Self::Withdrawn(None) => "the signer is not in force any more".to_owned(),
            Self::KeyEnded(at) => format!("the signer's key ended on {}", at.date()),
            Self::Compromised(at) => format!("the signer's key was called compromised on {}", at.date()),
        }
    }
}

const CHAIN: [&str; 7] = ["signature", "delegation", "root", "published keys", "roster", "revocation", "past releases"];

/// Judges a file.
#[must_use]
pub fn judge(question: &Question<'_>, published: &Published) -> Answer {
    let mut chain = Chain { links: Vec::new(), no: None };
    let who = follow(question, published, &mut chain);
    for name in CHAIN.iter().skip(chain.links.len()) {
        chain.open(name, "not looked at");
    }
    let (file, Chain { links, no }) = (Shown::new(question.file), chain);
    match (no, who) {
        (Some(no), who) => {
            let sentence = Shown::new(&format!("NOT GOOD: {file}: {}", no.words));
            Answer { links, who: who.map(|(who, _)| who), verdict: Err(no), sentence }
        }
        (None, Some((who, over))) => {
            let begun = format!("GOOD: {file} is what {} signed on {}", who.name, who.signed_on.date());
            let (kind, rest) = match over {
                None => (Kind::Current, format!(", who may sign {} until {}", who.scope, who.until.date())),
                Some(over) => {
                    let words = over.words();
                    (Kind::Past, format!("; an older release: {words}, and the list of past releases names it"))
                }
            };
            Answer { links, who: Some(who), verdict: Ok(kind), sentence: Shown::new(&(begun + &rest)) }
        }
        // The chain says why it ended.
        (None, None) => {
            let no = No::new(Control::ReleaseSigned, "the chain ends nowhere");
            let sentence = Shown::new(&format!("NOT GOOD: {file}: {}", no.words));
            Answer { links, who: None, verdict: Err(no), sentence }
        }
    }
}

/// Every link that can be looked at. Gives who signed, and why that counts no more by itself.
fn follow(question: &Question<'_>, published: &Published, chain: &mut Chain) -> Option<(Who, Option<Over>)> {
    let made = chain.look("signature", signature(question, published))?;
    let delegations = match &published.root {
        Ok(root) => chain.look("delegation", delegation(question, &made, root)),
        Err(_) => {
            chain.open("delegation", "not looked at without the root");
            None
        }
    };
    chain.look("root", root(published, question.now))?;
    let vouched = chain.look("published keys", vouched(published));
    let (delegations, vouched) = (delegations?, vouched?);
    let (name, left) = roster(question, &made, &delegations, vouched, chain)?;
    let (delegation, over) = chain.look("revocation", revocation(question, &made, &delegations, left))?;
    let who = Who {
        name: name.unwrap_or_else(|| delegation.user_id.clone()),
        user_id: delegation.user_id.clone(),
        fingerprint: fingerprint_of(&made.cert.fingerprint()).ok()?,
        signed_on: made.on,
        scope: Shown::new(&delegation.scope),
        from: delegation.from,
        until: delegation.until,
    };
    past(question, &who, over.as_ref(), vouched, chain);
    Some((who, over))
}

/// A signature over just these bytes, by a key that could make it.
fn signature<'p>(question: &Question<'_>, published: &'p Published) -> Result<(Made<'p>, String), No> {
    let (signature, now) = (question.signature, question.now);
    let no = |control, words: &str| Err(No::new(control, words));
    let on = signature.judge(now)?;
    if published.candidates.is_empty() {
        // A folder without a root that can be read has no keys either.
        return match &published.root {
            Err(broken) if published.vouched.as_ref().is_err_and(|vouched| vouched == broken) => Err(broken.clone()),
            _ => no(
                Control::ReleaseDelegated,
                &format!(
                    "it is signed by key {}, which is of nobody whom the organization delegated",
                    signature.issuer()
                ),
            ),
        };
    }
    let mut refused = None;
    for cert in &published.candidates {
        let Some(key) = signature.key(cert) else { continue };
        match delegations::able_to_sign(cert, &key, on, now) {
            Err(why) => refused = Some(why),
            Ok(ends) if question.context.is_some_and(|context| signature.verify(&key, context)) => {
                let words = format!("of {on}, over {}, by key {}", signature.algorithm(), key.fingerprint());
                return Ok((Made { cert, key, on, ends }, words));
            }
            Ok(_) => {
                let words = "the signature is not one over these bytes: the file or the signature was changed";
                refused = Some(No::new(Control::ReleaseSigned, words));
            }
        }
    }
    Err(refused.unwrap_or_else(|| No::new(Control::ReleaseSigned, "nobody can have made the signature")))
}

/// Delegations that covered the moment of the signature, and the scope that is asked for.
fn delegation(question: &Question<'_>, made: &Made<'_>, root: &Cert) -> Result<(Vec<Delegation>, String), No> {
    let no = |words: &str| Err(No::new(Control::ReleaseDelegated, words));
    let mut all = delegations::of(made.cert, root, question.now);
    if all.is_empty() {
        return no(&format!("the root never delegated the signer's certificate {}", made.cert.fingerprint()));
    }
    let spans: Vec<String> =
        all.iter().map(|one| format!("{}, {} to {}", one.scope, one.from.date(), one.until.date())).collect();
    all.retain(|one| one.covers(made.on));
    if all.is_empty() {
        return no(&format!(
            "it was signed on {}, outside of every delegation of the signer ({})",
            made.on,
            spans.join("; ")
        ));
    }
    if let Some(scope) = question.scope {
        let had: Vec<String> = all.iter().map(|one| one.scope.clone()).collect();
        all.retain(|one| one.scope == scope);
        if all.is_empty() {
            return no(&format!("the signer may sign {}, and not {scope}", had.join(", ")));
        }
    }
    let words: Vec<String> = all
        .iter()
        .map(|one| format!("{}, from {} until {}, as {}", one.scope, one.from, one.until, one.user_id))
        .collect();
    Ok((all, words.join("; ")))
}

fn root(published: &Published, now: Timestamp) -> Result<((), String), No> {
    let root = published.root.as_ref().map_err(Clone::clone)?;
    let fingerprint = fingerprint_of(&root.fingerprint()).map_or_else(|_| String::new(), |root| root.groups());
    Ok(((), format!("{fingerprint}, in force on {}", now.date())))
}

fn vouched(published: &Published) -> Result<(&Vouched, String), No> {
    let vouched = published.vouched.as_ref().map_err(Clone::clone)?;
    Ok((vouched, format!("as the records key, which the root names, signed them on {}", vouched.on)))
}

/// The signer's name, and whether the roster lets them go though the delegation still runs.
fn roster(
    question: &Question<'_>,
    made: &Made<'_>,
    delegations: &[Delegation],
    vouched: &Vouched,
    chain: &mut Chain,
) -> Option<(Option<Shown>, bool)> {
    let Some((as_of, standings)) = &vouched.standings else {
        chain.open("roster", "there is no signers.json");
        return Some((None, false));
    };
    let fingerprint = fingerprint_of(&made.cert.fingerprint()).ok()?;
    let own: Vec<_> = standings.iter().filter(|one| one.fingerprint == fingerprint).collect();
    let scopes: Vec<&str> = delegations.iter().map(|one| one.scope.as_str()).collect();
    let running = |until: Timestamp| *as_of < until && question.now < until;
    let fitting: Vec<_> = own.iter().filter(|one| scopes.contains(&one.scope.as_str())).collect();
    let seen = match (fitting.last(), own.is_empty()) {
        (Some(last), _) => {
            let left = !fitting.iter().any(|one| one.in_force) && fitting.iter().any(|one| running(one.until));
            let state = if left { "not in force any more" } else { "known" };
            let name = Shown::new(&last.signer);
            Ok(((Some(name.clone()), left), format!("{name}, {state} on {}", as_of.date())))
        }
        (None, true) => {
            Err(No::new(Control::ReleaseVouched, "signers.json does not know the signer, whom keys.txt has"))
        }
        (None, false) => {
            Err(No::new(Control::ReleaseVouched, "signers.json does not know that delegation of the signer"))
        }
    };
    chain.look("roster", seen)
}

/// Which delegation counts, and why it counts no more by itself.
fn revocation<'d>(
    question: &Question<'_>,
    made: &Made<'_>,
    delegations: &'d [Delegation],
    left: bool,
) -> Result<((&'d Delegation, Option<Over>), String), No> {
    let owner = delegations::by_owner(made.cert, &made.key, question.now);
    let mut refused = No::new(Control::ReleaseDelegated, "no delegation counts");
    let mut best: Option<(&Delegation, Option<Over>)> = None;
    for delegation in delegations {
        match over(question, made, delegation, owner.as_ref(), left) {
            Ok(None) => {
                let words = "nobody took the key or the delegation back".to_owned();
                return Ok(((delegation, None), words));
            }
            // The latest is last.
            Ok(over) => best = Some((delegation, over)),
            Err(no) => refused = no,
        }
    }
    let found = best.ok_or(refused)?;
    let words = found.1.as_ref().map_or_else(String::new, Over::words);
    Ok((found, words))
}

fn over(
    question: &Question<'_>,
    made: &Made<'_>,
    delegation: &Delegation,
    owner: Option<&Taken>,
    left: bool,
) -> Result<Option<Over>, No> {
    for taken in [owner, delegation.taken.as_ref()].into_iter().flatten() {
        if !taken.is_hard && made.on >= taken.at {
            let words = format!("it was signed on {}, and {} took that right back on {}", made.on, taken.by, taken.at);
            return Err(No::new(Control::ReleaseDelegated, &words));
        }
    }
    let ways = [owner, delegation.taken.as_ref()].into_iter().flatten();
    let hard = ways.clone().find(|taken| taken.is_hard).map(|taken| Over::Compromised(taken.at));
    let soft = ways.clone().next().map(|taken| Over::Withdrawn(Some(taken.at)));
    let ended = (delegation.until <= question.now).then_some(Over::Ended(delegation.until));
    let key = made.ends.filter(|end| *end <= question.now).map(Over::KeyEnded);
    Ok(hard.or(soft).or(ended).or(key).or(left.then_some(Over::Withdrawn(None))))
}

/// The list: it must name what no delegation covers any more, and never another content.
fn past(question: &Question<'_>, who: &Who, over: Option<&Over>, vouched: &Vouched, chain: &mut Chain) {
    const NAME: &str = "past releases";
    let no = |words: String| Err::<((), String), No>(No::new(Control::ReleaseListedThen, &words));
    let why = over.map(Over::words);
    let Some(list) = &vouched.past else {
        match why {
            Some(why) => drop(chain.look(NAME, no(format!("{why}, and there is no list of past releases")))),
            None => chain.open(NAME, "there is no list yet"),
        }
        return;
    };
    let named = |release: &&PastRelease| release.files.keys().any(|name| name.as_str() == question.file);
    let of = |release: &PastRelease| {
        release.files.iter().find(|(name, _)| name.as_str() == question.file).map(|(_, hash)| *hash)
    };
    let entries: Vec<&PastRelease> = list.releases.iter().filter(named).collect();
    let seen = match (entries.first(), why) {
        (Some(entry), _) if of(entry) != Some(question.sha256) => {
            no(format!("the list of past releases has another file of that name, in {}", entry.release))
        }
        (Some(entry), Some(why)) if !entries.iter().any(|entry| entry.signed_by == who.fingerprint) => {
            no(format!("{why}, and the list of past releases has that file by {}", entry.signed_by))
        }
        (Some(entry), _) => {
            Ok(((), format!("list {} of {} names it, in {}", list.number, list.as_of.date(), entry.release)))
        }
        (None, Some(why)) => {
            no(format!("{why}, and the list of past releases of {} does not name it", list.as_of.date()))
        }
        (None, None) => {
            chain.open(NAME, &format!("list {} of {} does not name it, and need not", list.number, list.as_of.date()));
            return;
        }
    };
    chain.look(NAME, seen);
}
