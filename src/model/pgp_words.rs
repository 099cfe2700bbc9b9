//! The PGP word list: bytes as words that are told apart when read aloud.
//!
//! Patrick Juola and Philip Zimmermann, 1995: words of two syllables for bytes at even places, of three for odd ones, so that
//! a word left out, doubled or swapped with its neighbour is heard.

/// The bytes as words; the first byte takes a word of two syllables.
#[must_use]
pub fn words(bytes: &[u8]) -> Vec<&'static str> {
    bytes.iter().enumerate().map(|(at, byte)| list(at)[usize::from(*byte)]).collect()
}

/// Why words are not bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotWords {
    /// A word that is in neither list.
    #[error("word {0} is not a PGP word")]
    Unknown(usize),
    /// A word of the other list: a word before it is missing, doubled or swapped.
    #[error("word {0} belongs to the other list: a word is missing, doubled or swapped before it")]
    OutOfStep(usize),
}

/// The bytes that `text` spells; case and the space between words do not matter.
///
/// # Errors
/// [`NotWords`] with the number of the word, counted from 1.
pub fn parse(text: &str) -> Result<Vec<u8>, NotWords> {
    text.split_whitespace()
        .enumerate()
        .map(|(at, word)| match (find(list(at), word), find(list(at + 1), word)) {
            (Some(byte), _) => Ok(byte),
            (None, Some(_)) => Err(NotWords::OutOfStep(at + 1)),
            (None, None) => Err(NotWords::Unknown(at + 1)),
        })
        .collect()
}

fn list(at: usize) -> &'static [&'static str; 256] {
    if at.is_multiple_of(2) { &EVEN } else { &ODD }
}

fn find(list: &[&str; 256], word: &str) -> Option<u8> {
    list.iter().position(|known| known.eq_ignore_ascii_case(word)).and_then(|at| u8::try_from(at).ok())
}

#[rustfmt::skip]
static EVEN: [&str; 256] = [
    "aardvark", "absurd", "accrue", "acme", "adrift", "adult", "afflict", "ahead", "aimless", "Algol", "allow",
    "alone", "ammo", "ancient", "apple", "artist", "assume", "Athens", "atlas", "Aztec", "baboon", "backfield",
    "backward", "banjo", "beaming", "bedlamp", "beehive", "beeswax", "befriend", "Belfast", "berserk", "billiard",
    "bison", "blackjack", "blockade", "blowtorch", "bluebird", "bombast", "bookshelf", "brackish", "breadline",
    "breakup", "brickyard", "briefcase", "Burbank", "button", "buzzard", "cement", "chairlift", "chatter", "checkup",
    "chisel", "choking", "chopper", "Christmas", "clamshell", "classic", "classroom", "cleanup", "clockwork", "cobra",
    "commence", "concert", "cowbell", "crackdown", "cranky", "crowfoot", "crucial", "crumpled", "crusade", "cubic",
    "dashboard", "deadbolt", "deckhand", "dogsled", "dragnet", "drainage", "dreadful", "drifter", "dropper",
    "drumbeat", "drunken", "Dupont", "dwelling", "eating", "edict", "egghead", "eightball", "endorse", "endow",
    "enlist", "erase", "escape", "exceed", "eyeglass", "eyetooth", "facial", "fallout", "flagpole", "flatfoot",
    "flytrap", "fracture", "framework", "freedom", "frighten", "gazelle", "Geiger", "glitter", "glucose", "goggles",
    "goldfish", "gremlin", "guidance", "hamlet", "highchair", "hockey", "indoors", "indulge", "inverse", "involve",
    "island", "jawbone", "keyboard", "kickoff", "kiwi", "klaxon", "locale", "lockup", "merit", "minnow", "miser",
    "Mohawk", "mural", "music", "necklace", "Neptune", "newborn", "nightbird", "Oakland", "obtuse", "offload",
    "optic", "orca", "payday", "peachy", "pheasant", "physique", "playhouse", "Pluto", "preclude", "prefer",
    "preshrunk", "printer", "prowler", "pupil", "puppy", "python", "quadrant", "quiver", "quota", "ragtime",
    "ratchet", "rebirth", "reform", "regain", "reindeer", "rematch", "repay", "retouch", "revenge", "reward",
    "rhythm", "ribcage", "ringbolt", "robust", "rocker", "ruffled", "sailboat", "sawdust", "scallion", "scenic",
    "scorecard", "Scotland", "seabird", "select", "sentence", "shadow", "shamrock", "showgirl", "skullcap", "skydive",
    "slingshot", "slowdown", "snapline", "snapshot", "snowcap", "snowslide", "solo", "southward", "soybean",
    "spaniel", "spearhead", "spellbind", "spheroid", "spigot", "spindle", "spyglass", "stagehand", "stagnate",
    "stairway", "standard", "stapler", "steamship", "sterling", "stockman", "stopwatch", "stormy", "sugar",
    "surmount", "suspense", "sweatband", "swelter", "tactics", "talon", "tapeworm", "tempest", "tiger", "tissue",
    "tonic", "topmost", "tracker", "transit", "trauma", "treadmill", "Trojan", "trouble", "tumor", "tunnel", "tycoon",
    "uncut", "unearth", "unwind", "uproot", "upset", "upshot", "vapor", "village", "virus", "Vulcan", "waffle",
    "wallet", "watchword", "wayside", "willow", "woodlark", "Zulu",
];

#[rustfmt::skip]
static ODD: [&str; 256] = [
    "adroitness", "adviser", "aftermath", "aggregate", "alkali", "almighty", "amulet", "amusement", "antenna",
    "applicant", "Apollo", "armistice", "article", "asteroid", "Atlantic", "atmosphere", "autopsy", "Babylon",
    "backwater", "barbecue", "belowground", "bifocals", "bodyguard", "bookseller", "borderline", "bottomless",
    "Bradbury", "bravado", "Brazilian", "breakaway", "Burlington", "businessman", "butterfat", "Camelot", "candidate",
    "cannonball", "Capricorn", "caravan", "caretaker", "celebrate", "cellulose", "certify", "chambermaid", "Cherokee",
    "Chicago", "clergyman", "coherence", "combustion", "commando", "company", "component", "concurrent", "confidence",
    "conformist", "congregate", "consensus", "consulting", "corporate", "corrosion", "councilman", "crossover",
    "crucifix", "cumbersome", "customer", "Dakota", "decadence", "December", "decimal", "designing", "detector",
    "detergent", "determine", "dictator", "dinosaur", "direction", "disable", "disbelief", "disruptive", "distortion",
    "document", "embezzle", "enchanting", "enrollment", "enterprise", "equation", "equipment", "escapade", "Eskimo",
    "everyday", "examine", "existence", "exodus", "fascinate", "filament", "finicky", "forever", "fortitude",
    "frequency", "gadgetry", "Galveston", "getaway", "glossary", "gossamer", "graduate", "gravity", "guitarist",
    "hamburger", "Hamilton", "handiwork", "hazardous", "headwaters", "hemisphere", "hesitate", "hideaway", "holiness",
    "hurricane", "hydraulic", "impartial", "impetus", "inception", "indigo", "inertia", "infancy", "inferno",
    "informant", "insincere", "insurgent", "integrate", "intention", "inventive", "Istanbul", "Jamaica", "Jupiter",
    "leprosy", "letterhead", "liberty", "maritime", "matchmaker", "maverick", "Medusa", "megaton", "microscope",
    "microwave", "midsummer", "millionaire", "miracle", "misnomer", "molasses", "molecule", "Montana", "monument",
    "mosquito", "narrative", "nebula", "newsletter", "Norwegian", "October", "Ohio", "onlooker", "opulent", "Orlando",
    "outfielder", "Pacific", "pandemic", "Pandora", "paperweight", "paragon", "paragraph", "paramount", "passenger",
    "pedigree", "Pegasus", "penetrate", "perceptive", "performance", "pharmacy", "phonetic", "photograph", "pioneer",
    "pocketful", "politeness", "positive", "potato", "processor", "provincial", "proximate", "puberty", "publisher",
    "pyramid", "quantity", "racketeer", "rebellion", "recipe", "recover", "repellent", "replica", "reproduce",
    "resistor", "responsive", "retraction", "retrieval", "retrospect", "revenue", "revival", "revolver", "sandalwood",
    "sardonic", "Saturday", "savagery", "scavenger", "sensation", "sociable", "souvenir", "specialist", "speculate",
    "stethoscope", "stupendous", "supportive", "surrender", "suspicious", "sympathy", "tambourine", "telephone",
    "therapist", "tobacco", "tolerance", "tomorrow", "torpedo", "tradition", "travesty", "trombonist", "truncated",
    "typewriter", "ultimate", "undaunted", "underfoot", "unicorn", "unify", "universe", "unravel", "upcoming",
    "vacancy", "vagabond", "vertigo", "Virginia", "visitor", "vocalist", "voyager", "warranty", "Waterloo",
    "whimsical", "Wichita", "Wilmington", "Wyoming", "yesteryear", "Yucatan",
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the PGP manual: a version 4 fingerprint in words.
    const FINGERPRINT: [u8; 20] = [
        0xe5, 0x82, 0x94, 0xf2, 0xe9, 0xa2, 0x27, 0x48, 0x6e, 0x8b, 0x06, 0x1b, 0x31, 0xcc, 0x52, 0x8f, 0xd7, 0xfa,
        0x3f, 0x19,
    ];
    const SPOKEN: &str = "topmost Istanbul Pluto vagabond treadmill Pacific brackish dictator goldfish Medusa afflict \
                          bravado chatter revolver Dupont midsummer stopwatch whimsical cowbell bottomless";

    #[test]
    fn the_manuals_example() {
        assert_eq!(words(&FINGERPRINT).join(" "), SPOKEN);
        assert_eq!(parse(SPOKEN), Ok(FINGERPRINT.to_vec()));
    }

    #[test]
    fn every_byte_comes_back_at_either_place_and_in_either_case() {
        for byte in 0..=255 {
            let spoken = words(&[byte, byte]).join("  ").to_uppercase();
            assert_eq!(parse(&spoken), Ok(vec![byte, byte]), "{spoken}");
        }
    }

    #[test]
    fn the_lists_share_no_word() {
        let mut all: Vec<String> = EVEN.iter().chain(&ODD).map(|word| word.to_lowercase()).collect();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 512);
    }

    #[test]
    fn a_slip_is_named_with_its_place() {
        assert_eq!(parse("topmost Pluto vagabond"), Err(NotWords::OutOfStep(2)));
        assert_eq!(parse("topmost Istanbul Istanbul Pluto"), Err(NotWords::OutOfStep(3)));
        assert_eq!(parse("topmost Istambul"), Err(NotWords::Unknown(2)));
    }
}
