//! The controls: each check that can refuse has one name, the same in code, error, transcript, test and docs/controls.md.

macro_rules! controls {
    ($($(#[doc = $doc:literal])+ $name:ident = $id:literal,)+) => {
        /// A check that can refuse.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Control { $($(#[doc = $doc])+ $name,)+ }

        impl Control {
            /// Every control, in the order of their IDs.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The ID that stands in errors, transcripts and documents.
            #[must_use]
            pub fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)+ }
            }
        }
    };
}

controls! {
    /// Every share is checked by decrypting; a wrong, doubled, foreign or missing share never gives a key.
    ShareQuorum = "BACKUP-1",
    /// A sealed message is read back and opened from its shares before anything irreversible.
    BackupProved = "BACKUP-2",
    /// A drill that fails is on record, and says what comes next.
    DrillTold = "BACKUP-3",
    /// Only shares of the set that is in force are taken; those of another one are named.
    SetInForce = "BACKUP-4",
    /// Of a set that is out of force every share is destroyed or named as missing; as many missing ones as the threshold end in a
    /// rotation.
    SharesAccounted = "BACKUP-5",
    /// A share leaves the room in no other way than on paper, and encrypted to the certificate that the organization names for its
    /// holder.
    ShareEncrypted = "BACKUP-6",
    /// Exactly the expected card: serial and key fingerprint.
    CardIdentity = "CARD-1",
    /// The card's signature counter equals what the transcripts explain.
    CardCounter = "CARD-2",
    /// A PIN is never tried when one try is left, unless its holder dares it in typed words; and never twice by itself.
    CardLastTry = "CARD-3",
    /// A card is reset or written over only when nothing in the register lives on it.
    CardErase = "CARD-4",
    /// In production, no card is used whose maker has published a fault that touches its key; and its key has a place on it,
    /// and it can be set up, and attests, as the organization wants it.
    CardSound = "CARD-5",
    /// In production, a card is presented only when a card of its model passed a whole test.
    CardTested = "CARD-6",
    /// In production, nothing about the machine is unfit.
    MachineFit = "MACHINE-1",
    /// In production, no network appears after the machine was checked.
    NoNetwork = "MACHINE-2",
    /// Cards and registers of a rehearsal and of production refuse each other.
    ModeApart = "MODE-1",
    /// Two witnesses' clocks agree with the workstation's.
    ClockAgreed = "CLOCK-1",
    /// Time never runs behind the last transcript or the build.
    ClockForward = "CLOCK-2",
    /// Every mutation of a card stands in the journal before it happens.
    JournalFirst = "JOURNAL-1",
    /// The transcript's chain is whole.
    TranscriptChain = "JOURNAL-2",
    /// Minutes are signed by the records key, and say what the transcript says.
    MinutesBound = "MINUTES-1",
    /// Whoever cosigned the minutes sat in the ceremony, and signed these minutes after it began.
    MinutesCosigned = "MINUTES-2",
    /// A closing record is of the ceremony's last head, and the next ceremony names it.
    ClosingBound = "MINUTES-3",
    /// One keyrite at a time on a register.
    RegisterLock = "REGISTER-1",
    /// A register that is older than what minutes show, or that could not be rebuilt whole, is refused.
    RegisterCurrent = "REGISTER-2",
    /// A register holds what its transcripts name, and nothing else.
    RegisterOwn = "REGISTER-3",
    /// No file is ever overwritten.
    NoOverwrite = "FILE-1",
    /// What was written is what is on the disk.
    ReadBack = "FILE-2",
    /// Every code on a paper is read back from its dots, by two readers where there are two.
    PageReadBack = "PAPER-1",
    /// A script that the room cannot bear is not run.
    ScriptLint = "SCRIPT-1",
    /// Script and organization are the ones the transcript was opened with.
    ScriptBound = "SCRIPT-2",
    /// A request is signed by the key it asks a delegation for.
    RequestSigned = "REQUEST-1",
    /// A request's certificate is alive, strong and can sign.
    RequestCertificate = "REQUEST-2",
    /// A request id is answered once.
    RequestOnce = "REQUEST-3",
    /// Requests stay inside the organization's policy.
    RequestPolicy = "REQUEST-4",
    /// What is signed is what was reviewed.
    ReviewBound = "REVIEW-1",
    /// The same structure was made with a throwaway key and judged first.
    ThrowawayFirst = "TRUST-1",
    /// What was signed is verified from the disk.
    VerifiedAfter = "TRUST-2",
    /// A certification in published keys that names the root is a delegation by the root.
    KeysVouched = "KEYS-1",
    /// Enough different people for the roles.
    TwoPeople = "CUSTODY-1",
    /// Each file at hand is the one that the manifest names, before anything is signed.
    ReleaseListed = "RELEASE-1",
    /// A file is hashed in one reading, and refused when it changes meanwhile.
    ReleaseSteady = "RELEASE-2",
    /// A release is taken into the list when a signer whom the root delegated signed its manifest.
    TakenSigned = "RELEASE-3",
    /// A release is taken in when its signer's delegation was in force at that moment, and not before it.
    TakenInForce = "RELEASE-4",
    /// A release is taken in when it is of this organization, and of a scope that was delegated to its signer.
    TakenInScope = "RELEASE-5",
    /// In the list of past releases a name stands for one content.
    TakenOnce = "RELEASE-6",
    /// What a compromised key signed is not taken in.
    TakenSound = "RELEASE-7",
    /// The list of past releases is the one that the records key signed, whole, and nothing falls out of it.
    ListBound = "RELEASE-8",
    /// What vouches for signers and past releases is whole: the root given, the records key that it names, what that one signed.
    ReleaseVouched = "RELEASE-20",
    /// The signature is of just these bytes, by a key in the published keys that could sign then, with a hash that holds.
    ReleaseSigned = "RELEASE-21",
    /// Whoever signed was delegated by the root at that moment, for that scope.
    ReleaseDelegated = "RELEASE-22",
    /// Of a signer who may sign no more, only what the list of past releases names is good; and never another content under a
    /// name that it has.
    ReleaseListedThen = "RELEASE-23",
    /// An outgoing bundle is signed by the records key, and no newer one is known.
    BundleCurrent = "BUNDLE-2",
    /// A bundle holds just what its manifest lists.
    BundleManifest = "BUNDLE-1",
    /// Only the newest bundle of the register is published, as the records key signed it.
    PublishedNewest = "PUBLISH-1",
}
