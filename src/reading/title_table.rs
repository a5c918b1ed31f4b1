//! Titles per language, and how they are read.
//!
//! A title with a full stop is one only with it (`Gen.`, not `Gen Z`); one
//! without is one with and without it (`Mme`, `Mme.`). Titles that depend on the
//! gender of the name (`S. Maria`, `sv. Anna`), and those that espeak-ng reads
//! well itself (`Mr.`, `Sra.`), are not here.

/// The titles of a language.
pub(super) struct TitleTable {
    /// The first parts of espeak-ng's names.
    pub(super) languages: &'static [&'static str],
    pub(super) before_names: Titles,
    pub(super) after_names: Titles,
    /// What may be between a title and a name or an office: `M. le maire`.
    pub(super) articles: &'static [&'static str],
}

/// Titles as written and as read.
#[derive(Clone, Copy)]
pub(super) struct Titles(pub(super) &'static [(&'static str, &'static str)]);

impl TitleTable {
    /// Returns the titles for an espeak-ng language: `en-gb`, `de`.
    pub(super) fn of(language: &str) -> Option<&'static Self> {
        let family = language.split(['-', '+']).next()?;
        TITLES
            .iter()
            .find(|table| table.languages.contains(&family))
    }
}

const NONE: TitleTable = TitleTable {
    languages: &[],
    before_names: Titles(&[]),
    after_names: Titles(&[]),
    articles: &[],
};

#[rustfmt::skip] // tables
pub(super) static TITLES: &[TitleTable] = &[
    TitleTable {
        languages: &["en"],
        before_names: Titles(&[
            ("Ms", "Miz"), ("Mx", "Mix"), ("Messrs", "Messers"), ("Mme", "Madame"),
            ("Mlle", "Mademoiselle"), ("Prof.", "Professor"), ("Rev.", "Reverend"),
            ("Fr.", "Father"), ("Hon.", "Honorable"), ("Msgr", "Monsignor"),
            ("Gen.", "General"), ("Col.", "Colonel"), ("Maj.", "Major"), ("Capt", "Captain"),
            ("Lt", "Lieutenant"), ("Sgt", "Sergeant"), ("Cpl", "Corporal"),
            ("Cmdr", "Commander"), ("Supt", "Superintendent"), ("Gov.", "Governor"),
            ("Sen.", "Senator"), ("Rep.", "Representative"), ("Pres.", "President"),
            ("Mt", "Mount"),
        ]),
        after_names: Titles(&[("Jr", "Junior"), ("Sr", "Senior")]),
        ..NONE
    },
    TitleTable {
        languages: &["fr"],
        before_names: Titles(&[
            ("M.", "monsieur"), ("MM.", "messieurs"), ("Mmes", "mesdames"),
            ("Mlles", "mesdemoiselles"), ("Mgr", "monseigneur"), ("Me", "maître"),
            ("Prof.", "professeur"),
        ]),
        articles: &["le ", "la ", "l'", "l’", "les "],
        ..NONE
    },
    TitleTable {
        languages: &["de"],
        before_names: Titles(&[
            ("Hr.", "Herr"), ("Hrn.", "Herrn"), ("Fr.", "Frau"), ("Frl.", "Fräulein"),
            ("Dr.", "Doktor"), ("Prof.", "Professor"), ("St.", "Sankt"),
        ]),
        ..NONE
    },
    TitleTable {
        languages: &["nl"],
        before_names: Titles(&[
            ("Dhr.", "de heer"), ("dhr.", "de heer"), ("Mevr.", "mevrouw"),
            ("mevr.", "mevrouw"), ("Mw.", "mevrouw"), ("mw.", "mevrouw"), ("Dr.", "doctor"),
            ("dr.", "doctor"), ("Drs.", "doctorandus"), ("drs.", "doctorandus"),
            ("Prof.", "professor"), ("prof.", "professor"), ("Ir.", "ingenieur"),
            ("ir.", "ingenieur"), ("Mr.", "meester"), ("mr.", "meester"), ("St.", "Sint"),
        ]),
        ..NONE
    },
    TitleTable {
        languages: &["es"],
        before_names: Titles(&[
            ("D.", "don"), ("Prof.", "profesor"), ("Profa.", "profesora"),
            ("Gral.", "general"), ("Sto.", "santo"), ("Sta.", "santa"),
        ]),
        ..NONE
    },
    TitleTable {
        languages: &["ca"],
        before_names: Titles(&[
            ("Sr.", "senyor"), ("Sra.", "senyora"), ("Dr.", "doctor"), ("Dra.", "doctora"),
            ("St.", "Sant"), ("Sta.", "Santa"), ("Prof.", "professor"),
        ]),
        ..NONE
    },
    TitleTable {
        languages: &["pt"],
        before_names: Titles(&[
            ("Sr.", "senhor"), ("Sra.", "senhora"), ("Srs.", "senhores"),
            ("Sras.", "senhoras"), ("Srta.", "senhorita"), ("Prof.", "professor"),
            ("Profa.", "professora"), ("Eng.", "engenheiro"),
            ("Exmo.", "excelentíssimo"), ("Exma.", "excelentíssima"),
        ]),
        ..NONE
    },
    TitleTable {
        languages: &["it"],
        before_names: Titles(&[
            ("Sig.", "signor"), ("sig.", "signor"), ("Sig.ra", "signora"),
            ("sig.ra", "signora"), ("Sig.na", "signorina"), ("sig.na", "signorina"),
            ("Sigg.", "signori"), ("Dott.", "dottor"), ("dott.", "dottor"), ("Dr.", "dottor"),
            ("Dott.ssa", "dottoressa"), ("dott.ssa", "dottoressa"), ("Prof.", "professor"),
            ("prof.", "professor"), ("Prof.ssa", "professoressa"),
            ("prof.ssa", "professoressa"), ("Ing.", "ingegner"), ("ing.", "ingegner"),
            ("Avv.", "avvocato"), ("avv.", "avvocato"), ("Arch.", "architetto"),
            ("arch.", "architetto"), ("Mons.", "monsignor"), ("On.", "onorevole"),
            ("on.", "onorevole"),
        ]),
        ..NONE
    },
    TitleTable {
        languages: &["ro"],
        before_names: Titles(&[
            ("Dl", "domnul"), ("dl", "domnul"), ("d-l", "domnul"), ("Dna", "doamna"),
            ("dna", "doamna"), ("d-na", "doamna"), ("Dr.", "doctor"), ("dr.", "doctor"),
            ("Prof.", "profesor"), ("prof.", "profesor"),
        ]),
        ..NONE
    },
    TitleTable {
        languages: &["sv"],
        before_names: Titles(&[
            ("Hr", "herr"), ("hr", "herr"), ("Fr.", "fru"), ("fr.", "fru"), ("Frk", "fröken"),
            ("frk", "fröken"), ("Dr", "doktor"), ("dr", "doktor"), ("Prof.", "professor"),
            ("prof.", "professor"), ("S:t", "sankt"), ("S:ta", "sankta"),
        ]),
        ..NONE
    },
    TitleTable {
        languages: &["da"],
        before_names: Titles(&[
            ("Fr.", "fru"), ("fr.", "fru"), ("Frk.", "frøken"), ("frk.", "frøken"),
            ("Dr.", "doktor"), ("dr.", "doktor"), ("Prof.", "professor"),
            ("prof.", "professor"), ("Skt.", "sankt"), ("skt.", "sankt"),
        ]),
        ..NONE
    },
    TitleTable {
        languages: &["nb", "nn", "no"],
        before_names: Titles(&[
            ("Hr.", "herr"), ("hr.", "herr"), ("Fr.", "fru"), ("fr.", "fru"),
            ("Frk.", "frøken"), ("frk.", "frøken"), ("Dr.", "doktor"), ("dr.", "doktor"),
            ("Prof.", "professor"), ("prof.", "professor"),
        ]),
        ..NONE
    },
    TitleTable {
        languages: &["fi"],
        before_names: Titles(&[
            ("hra", "herra"), ("rva", "rouva"), ("nti", "neiti"), ("tri", "tohtori"),
            ("prof.", "professori"),
        ]),
        ..NONE
    },
    TitleTable {
        languages: &["hu"],
        before_names: Titles(&[("Szt.", "Szent"), ("Prof.", "Professzor"), ("id.", "idős"), ("Id.", "Idős")]),
        ..NONE
    },
    TitleTable {
        languages: &["tr"],
        before_names: Titles(&[
            ("Dr.", "Doktor"), ("Prof.", "Profesör"), ("Doç.", "Doçent"), ("Av.", "Avukat"),
            ("Sn.", "Sayın"),
        ]),
        ..NONE
    },
    TitleTable {
        languages: &["pl"],
        before_names: Titles(&[("ks.", "ksiądz"), ("gen.", "generał"), ("płk", "pułkownik")]),
        ..NONE
    },
    TitleTable {
        languages: &["cs"],
        before_names: Titles(&[
            ("Ing.", "inženýr"), ("Mgr.", "magistr"), ("Dr.", "doktor"), ("MUDr.", "doktor"),
            ("JUDr.", "doktor"), ("PhDr.", "doktor"), ("RNDr.", "doktor"),
            ("prof.", "profesor"), ("Prof.", "profesor"), ("doc.", "docent"),
        ]),
        ..NONE
    },
    TitleTable {
        languages: &["sk"],
        before_names: Titles(&[
            ("Ing.", "inžinier"), ("Mgr.", "magister"), ("Dr.", "doktor"), ("MUDr.", "doktor"),
            ("JUDr.", "doktor"), ("PhDr.", "doktor"), ("RNDr.", "doktor"),
            ("prof.", "profesor"), ("Prof.", "profesor"), ("doc.", "docent"),
        ]),
        ..NONE
    },
    TitleTable {
        languages: &["ru"],
        before_names: Titles(&[
            ("г-н", "господин"), ("г-на", "господина"), ("г-ну", "господину"),
            ("г-ном", "господином"), ("г-жа", "госпожа"), ("г-жи", "госпожи"),
            ("г-же", "госпоже"), ("г-жу", "госпожу"), ("г-жой", "госпожой"),
            ("д-р", "доктор"), ("д-ра", "доктора"), ("д-ру", "доктору"),
            ("проф.", "профессор"), ("Проф.", "Профессор"),
        ]),
        ..NONE
    },
    TitleTable {
        languages: &["uk"],
        before_names: Titles(&[
            ("п.", "пан"), ("д-р", "доктор"), ("д-ра", "доктора"), ("проф.", "професор"),
            ("Проф.", "Професор"),
        ]),
        ..NONE
    },
    TitleTable {
        languages: &["el"],
        before_names: Titles(&[
            ("κ.", "κύριος"), ("κ.κ.", "κύριοι"), ("κα.", "κυρία"), ("κα", "κυρία"),
            ("Δρ.", "δόκτωρ"), ("δρ.", "δόκτωρ"),
        ]),
        ..NONE
    },
];
