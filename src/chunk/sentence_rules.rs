//! Per language: full stops that do not end a sentence.
//!
//! Abbreviations that are read as words are in the language's file, see
//! [`language_tables`]; here are the others, and those that are used otherwise.
//!
//! Words are listed without their last full stop, sorted by their bytes. A
//! lowercase word also matches its capitalised forms. A word with a capital
//! matches only itself, because its lowercase form is an ordinary word (`Sat`,
//! `Rev`). A word that starts with `-` matches every word with this ending. A
//! word in no list ends a sentence, unless a lowercase letter follows.

use crate::language_tables::{self, Context, Reading};

type Words = &'static [&'static str];

/// How a language ends sentences.
pub(super) struct SentenceRules {
    /// The primary subtags of the language's espeak-ng voices, separated by
    /// spaces.
    tags: &'static str,
    /// Never end a sentence: titles, `z.B.`.
    never: Words,
    /// End a sentence only before one of `sentence_starters`: months, `Inc.`.
    rarely: Words,
    /// End a sentence unless a lowercase letter follows: `etc.`, `p.m.`.
    often: Words,
    /// End a sentence unless a number follows: `No. 5`.
    before_number: Words,
    /// Words that start sentences and are not names, nor (in German) nouns.
    sentence_starters: Words,
    ordinals: Ordinals,
    /// Additional characters that end questions.
    question_marks: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ordinals {
    /// A number with a full stop ends a sentence.
    No,
    /// It may be an ordinal: `3. Mai`, `Karel IV.`
    Dotted,
}

/// How a language uses an abbreviation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Usage {
    /// It never ends a sentence.
    Never,
    /// It ends one only before a word that starts sentences.
    Rarely,
    /// It may end one: the case of the next word decides.
    Often,
    /// It ends none before a number; otherwise it is an ordinary word.
    BeforeNumber,
}

impl SentenceRules {
    /// Returns the rules for an espeak-ng voice: `en-gb-x-rp`, `pt-br`.
    pub(super) fn of(voice: &str) -> &'static Self {
        let subtag = voice.split(['-', '_']).next().unwrap_or_default();
        LANGUAGES
            .iter()
            .find(|language| language.has_tag(&subtag.to_ascii_lowercase()))
            .unwrap_or(&OTHER)
    }

    fn has_tag(&self, subtag: &str) -> bool {
        self.tags.split(' ').any(|tag| tag == subtag) && !subtag.is_empty()
    }

    /// Returns the usage of the abbreviation `word`, without its full stop;
    /// `None` for ordinary words.
    pub(super) fn usage(&self, word: &str) -> Option<Usage> {
        self.usage_as_written(word)
            .or_else(|| self.usage_as_written(&word.to_lowercase()))
            .or_else(|| self.usage_as_read(word))
    }

    /// Returns the usage that follows from how an abbreviation is read.
    fn usage_as_read(&self, word: &str) -> Option<Usage> {
        let table = language_tables::of(self.tags.split(' ').next()?)?;
        let readings = table.abbreviation_with_stop(word);
        let usage = |reading: &Reading| match reading.context {
            Context::BeforeName | Context::BetweenNames | Context::Anywhere => Usage::Never,
            Context::AfterName => Usage::Rarely,
            Context::AfterNumber => Usage::Often,
            Context::BeforeNumber => Usage::BeforeNumber,
        };
        let is_book = || table.before_verses.has(word).then_some(Usage::BeforeNumber);
        let ending = || table.shortened_ending(&format!("{word}."));
        let reading = readings.first().or_else(|| Some(ending()?.1));
        reading.map(usage).or_else(is_book)
    }

    fn usage_as_written(&self, word: &str) -> Option<Usage> {
        [
            (self.never, Usage::Never),
            (self.rarely, Usage::Rarely),
            (self.often, Usage::Often),
            (self.before_number, Usage::BeforeNumber),
        ]
        .into_iter()
        .find(|(words, _)| is_listed(words, word))
        .map(|(_, usage)| usage)
    }

    /// Returns whether `word`, capitalised, starts a sentence.
    pub(super) fn starts_sentences(&self, word: &str) -> bool {
        let Some(apostrophe) = word.find(['\'', '’']) else {
            return is_listed(self.sentence_starters, word);
        };
        // `It's` is listed as `It`, the elided article of `L'homme` as `L'`.
        let head = &word[..apostrophe];
        is_listed(self.sentence_starters, head)
            || is_listed(self.sentence_starters, &format!("{head}'"))
    }

    /// Returns whether a number with a full stop may be an ordinal.
    pub(super) fn has_ordinals(&self) -> bool {
        self.ordinals == Ordinals::Dotted
    }

    /// Returns whether `c` ends questions in this language, but not in others.
    pub(super) fn ends_questions(&self, c: char) -> bool {
        self.question_marks.contains(c)
    }
}

fn is_listed(words: Words, word: &str) -> bool {
    words.binary_search(&word).is_ok() || is_ending_listed(words, word)
}

fn is_ending_listed(words: Words, word: &str) -> bool {
    words
        .iter()
        // A hyphen sorts before letters, so that endings come first.
        .map_while(|listed| listed.strip_prefix('-'))
        .any(|ending| word.ends_with(ending))
}

/// The rules for an unknown language.
const OTHER: SentenceRules = SentenceRules {
    tags: "",
    never: &[],
    rarely: &[],
    often: &[],
    before_number: &[],
    sentence_starters: &[],
    ordinals: Ordinals::No,
    question_marks: "",
};

#[rustfmt::skip]
static LANGUAGES: &[SentenceRules] = &[
    // English.
    SentenceRules {
        tags: "en",
        never: &[
            "Mr", "attn", "ca", "capt", "cmdr", "dr", "e.g", "eg", "i.e", "ie", "lt",
            "maj", "messrs", "mr", "mrs", "prof", "sgt",
        ],
        rarely: &[
            "Apr", "Aug", "Dec", "Est", "Feb", "Fri", "Ft", "Jan", "Jul", "Jun", "Mar",
            "Mon", "Nov", "Oct", "Sat", "Sep", "Sept", "St", "Sun", "Thu", "Thurs", "Tue",
            "Tues", "Wed", "al", "dept", "est",
        ],
        often: &[
            "a.d", "a.m", "b.a", "b.c", "b.c.e", "b.sc", "c.e", "d.d.s", "esq", "etc",
            "m.a", "m.d", "m.sc", "p.m", "p.s", "ph.d", "r.i.p",
        ],
        before_number: &[
            "app", "art", "arts", "eqs", "ft", "hr", "hrs", "l", "lb", "lbs", "ll", "no", "oz",
            "sect", "tab", "yd", "yds",
        ],
        sentence_starters: &[
            "A", "About", "After", "All", "Also", "Although", "An", "And", "Any", "Are",
            "As", "At", "Because", "Before", "But", "By", "Can", "Could", "Did", "Do",
            "Does", "During", "Each", "Even", "Every", "Few", "First", "For", "From", "Had",
            "Has", "Have", "He", "Her", "Here", "His", "How", "However", "I", "If", "In",
            "Indeed", "Is", "It", "Its", "Just", "Last", "Later", "Let", "Like", "Many",
            "Maybe", "More", "Most", "Mr", "Mrs", "My", "Never", "Next", "No", "Nobody",
            "None", "Not", "Nothing", "Now", "Of", "Often", "On", "Once", "One", "Only",
            "Or", "Our", "Over", "People", "Perhaps", "Please", "She", "Should", "Since",
            "So", "Some", "Someone", "Soon", "Still", "Such", "Suddenly", "Than", "Thank",
            "That", "The", "Their", "Then", "There", "Therefore", "These", "They",
            "Thirdly", "This", "Those", "Though", "Through", "Thus", "To", "Today",
            "Tomorrow", "Two", "Under", "Until", "Was", "We", "Well", "Were", "What",
            "When", "Where", "Whether", "Which", "While", "Who", "Why", "Will", "With",
            "Without", "Would", "Yes", "Yesterday", "Yet", "You", "Your",
        ],
        ..OTHER
    },
    // German and Luxembourgish.
    SentenceRules {
        tags: "de lb",
        never: &[
            "Hl", "Str", "a", "amtl", "b", "bes", "betr", "ca", "d", "dgl", "dh", "dipl",
            "doz", "dr", "e", "ebd", "eigtl", "etw", "fa", "forts", "fr", "frl", "gegr",
            "h", "hl", "hr", "hrsg", "i", "ing", "k", "kfm", "lfd", "m", "m.e", "mr",
            "mrs", "mtl", "n", "nr", "o", "od", "prof", "rer", "röm", "s", "s.a", "sen",
            "spez", "st", "t", "tägl", "u", "u.u", "v", "verh", "vllt", "vorm", "w", "z",
            "zb", "zt", "zw",
        ],
        rarely: &[
            "Abt", "Corp", "Inc", "Jh", "Jhd", "Mio", "Mrd", "Sek", "Std", "Tsd", "e.V",
            "jur", "med", "min", "mio", "mrd", "nat", "phil",
        ],
        often: &[
            "Chr", "chr", "etc", "f", "n.Chr", "o.Ä", "u.a.m", "u.v.m", "usf", "usw",
            "uvm", "v.Chr",
        ],
        before_number: &[
            "Apr", "Aufl", "Aug", "Bl", "Dez", "Di", "Do", "Feb", "Fig", "Jan", "Lit",
            "Mi", "Mo", "Mrz", "Nov", "Okt", "Pos", "Rdnr", "Rn", "Sa", "Sep", "Sept",
            "So", "Zf", "abb", "abs", "fig", "tel",
        ],
        sentence_starters: &[
            "Aber", "Alle", "Alles", "Als", "Also", "Am", "An", "Anders", "Auch", "Auf",
            "Aus", "Außerdem", "Bei", "Beide", "Bis", "Bitte", "Da", "Dabei", "Dadurch",
            "Dafür", "Daher", "Damals", "Damit", "Danach", "Dann", "Daran", "Darauf",
            "Daraus", "Darum", "Das", "Dass", "Dazu", "Dein", "Deine", "Dem", "Den", "Denn",
            "Dennoch", "Der", "Deren", "Deshalb", "Dessen", "Deswegen", "Die", "Dies",
            "Diese", "Diesem", "Diesen", "Dieser", "Dieses", "Doch", "Dort", "Du", "Durch",
            "Ein", "Eine", "Einem", "Einen", "Einer", "Eines", "Einige", "Er", "Erst", "Es",
            "Etwas", "Euer", "Falls", "Für", "Gegen", "Gestern", "Gibt", "Hat", "Heute",
            "Hier", "Hinter", "Ich", "Ihm", "Ihn", "Ihr", "Ihre", "Im", "Immer", "In",
            "Ins", "Ist", "Jede", "Jeder", "Jedes", "Jedoch", "Jemand", "Jetzt", "Kein",
            "Keine", "Keiner", "Leider", "Man", "Manche", "Manchmal", "Mein", "Meine",
            "Mit", "Morgen", "Nach", "Nachdem", "Nein", "Nicht", "Nichts", "Nie", "Niemand",
            "Noch", "Nun", "Nur", "Ob", "Obwohl", "Oder", "Oft", "Ohne", "Schließlich",
            "Schon", "Sein", "Seine", "Seit", "Seitdem", "Sie", "Sind", "So", "Sogar",
            "Solche", "Sondern", "Später", "Trotzdem", "Um", "Und", "Uns", "Unser",
            "Unsere", "Unter", "Viele", "Vielleicht", "Vom", "Von", "Vor", "Wann", "War",
            "Waren", "Warum", "Was", "Weder", "Wegen", "Weil", "Weiter", "Welche", "Wenn",
            "Wer", "Werden", "Wie", "Wieder", "Wieso", "Wir", "Wird", "Wo", "Woher",
            "Wohin", "Während", "Zu", "Zudem", "Zuerst", "Zum", "Zur", "Zwar", "Zwischen",
            "Über",
        ],
        ordinals: Ordinals::Dotted,
        ..OTHER
    },
    // French.
    SentenceRules {
        tags: "fr",
        never: &[
            "Mlle", "Mme", "Ste", "Stes", "Sts", "apr", "c", "c.à.d", "dr", "env", "mgr",
            "mlle", "mme", "mmes", "p.-ex", "pr", "prof", "st", "vs",
        ],
        rarely: &[
            "Cie", "Co", "Inc", "Jr", "Ltd", "S.A", "ex",
        ],
        often: &[
            "J.-C", "ap.J.-C", "av.J.-C", "etc",
        ],
        before_number: &[
            "avr", "dim", "déc", "févr", "ibid", "janv", "jeu", "juil", "lun", "mar",
            "mer", "n", "nov", "oct", "par", "sam", "sept", "tel", "ven",
        ],
        sentence_starters: &[
            "Ainsi", "Alors", "Après", "Au", "Aucun", "Aujourd'", "Aussi", "Autre", "Aux",
            "Avant", "Avec", "Bien", "C'", "Ce", "Ceci", "Cela", "Celle", "Celui",
            "Cependant", "Ces", "Cet", "Cette", "Chaque", "Comme", "Comment", "D'", "Dans",
            "De", "Depuis", "Des", "Donc", "Du", "Elle", "Elles", "En", "Encore", "Enfin",
            "Ensuite", "Est", "Et", "Il", "Ils", "J'", "Jamais", "Je", "Jusqu'", "L'", "La",
            "Le", "Les", "Leur", "Leurs", "Lorsqu'", "Lorsque", "Lui", "Maintenant", "Mais",
            "Malgré", "Mes", "Moi", "Mon", "Même", "N'", "Ne", "Ni", "Non", "Nos", "Notre",
            "Nous", "On", "Or", "Ou", "Oui", "Où", "Par", "Parce", "Pendant", "Personne",
            "Peut", "Plus", "Plusieurs", "Pour", "Pourquoi", "Pourtant", "Puis", "Puisqu'",
            "Qu'", "Quand", "Que", "Quel", "Quelle", "Quelqu'", "Quelques", "Qui", "Quoi",
            "Rien", "S'", "Sa", "Sans", "Se", "Selon", "Ses", "Seul", "Si", "Sinon", "Son",
            "Sous", "Sur", "Tous", "Tout", "Toute", "Toutefois", "Toutes", "Très", "Tu",
            "Un", "Une", "Vers", "Voici", "Voilà", "Vos", "Votre", "Vous", "Y", "À", "Ça",
        ],
        ..OTHER
    },
    // Spanish.
    SentenceRules {
        tags: "es",
        never: &[
            "AA", "CC", "Dn", "Dr", "Dra", "Dras", "FF", "JJ", "Pbro", "RR", "SS", "Sr",
            "Sra", "Srta", "Srtas", "a", "arq", "avda", "c", "d", "dr", "dra", "ej",
            "excmo", "ing", "lic", "prof", "sr", "sra", "sras", "sres", "srta", "sta",
            "sto", "v.gr",
        ],
        rarely: &[
            "Cía", "EE", "EE.UU", "EEUU", "Ltda", "S.A", "UU", "Ud", "Uds", "Vd", "Vds",
            "cía", "ud", "uds",
        ],
        often: &[
            "C", "a.C", "a.c", "a.m", "d.C", "d.c", "etc", "p.m",
        ],
        before_number: &[
            "abr", "ago", "dic", "dom", "ene", "feb", "jue", "jul", "jun", "lun", "mié",
            "máx", "mín", "n", "n.º", "no", "nov", "oct", "sept", "sáb", "vie",
        ],
        sentence_starters: &[
            "A", "Además", "Ahora", "Al", "Algo", "Algunos", "Allí", "Antes", "Aquel",
            "Aquí", "Así", "Aunque", "Bajo", "Cada", "Casi", "Como", "Con", "Contra",
            "Cual", "Cuando", "Cuánto", "Cómo", "De", "Del", "Desde", "Después", "Donde",
            "Dos", "Durante", "El", "Ella", "Ellas", "Ellos", "En", "Entonces", "Entre",
            "Era", "Es", "Esa", "Ese", "Eso", "Esos", "Esta", "Estaba", "Estas", "Este",
            "Esto", "Estos", "Estoy", "Está", "Fue", "Gracias", "Ha", "Había", "Hace",
            "Hacia", "Hasta", "Hay", "Hoy", "La", "Las", "Le", "Les", "Lo", "Los", "Luego",
            "Mañana", "Me", "Mi", "Mientras", "Mis", "Mucho", "Muchos", "Muy", "Más",
            "Nada", "Nadie", "Ni", "No", "Nos", "Nosotros", "Nuestra", "Nuestro", "Nunca",
            "O", "Otra", "Otro", "Para", "Pero", "Poco", "Por", "Porque", "Pues", "Que",
            "Quien", "Quién", "Qué", "Se", "Según", "Ser", "Si", "Sin", "Sino", "Sobre",
            "Solo", "Son", "Su", "Sus", "Sí", "También", "Tampoco", "Tan", "Tanto", "Te",
            "Tenía", "Todo", "Todos", "Tras", "Tu", "Tú", "Un", "Una", "Unos", "Usted",
            "Ustedes", "Va", "Vamos", "Y", "Ya", "Yo",
        ],
        ..OTHER
    },
    // Italian.
    SentenceRules {
        tags: "it",
        never: &[
            "Cav", "Comm", "Gen", "Rag", "ad.es", "c.a", "ca", "cap", "cav", "cfr", "co",
            "d", "d.ssa", "dott.ri", "dott.ssa", "dr", "dr.ssa", "ecc.mo", "egr", "es",
            "gen", "gent", "geom", "i.e", "jr", "mag", "mons", "p.e", "p.es", "pr",
            "prof.ri", "prof.ssa", "rag", "s", "seg", "sig.na", "sig.ra", "sigg", "spett",
            "ss", "vs",
        ],
        rarely: &[
            "C", "Inc", "Ltd", "S.p.A", "S.r.l", "a.C", "d.C",
        ],
        often: &[
            "ecc", "etc",
        ],
        before_number: &[
            "ago", "all", "apr", "art", "artt", "dic", "feb", "fig", "figg", "giu", "lug",
            "n", "nn", "nov", "nr", "num", "ott", "p", "pag", "pagg", "par", "pp", "set",
            "sett", "tab", "tav", "tel", "vol", "voll",
        ],
        sentence_starters: &[
            "A", "Ad", "Ai", "Al", "All'", "Alla", "Alle", "Allora", "Altri", "Anche",
            "Ancora", "Appena", "Avere", "Bene", "C'", "Che", "Chi", "Ci", "Come", "Con",
            "Contro", "Cosa", "Così", "D'", "Da", "Dal", "Dall'", "Dalla", "Dei", "Del",
            "Dell'", "Della", "Delle", "Di", "Dopo", "Dove", "Dunque", "Durante", "E",
            "Ecco", "Egli", "Ella", "Era", "Erano", "Esso", "Fu", "Gli", "Ha", "Hanno",
            "Ho", "I", "Ieri", "Il", "In", "Infatti", "Inoltre", "Invece", "Io", "L'", "La",
            "Le", "Lei", "Li", "Lo", "Loro", "Lui", "Ma", "Mentre", "Mi", "Mia", "Mio",
            "Molti", "Nei", "Nel", "Nell'", "Nella", "Nelle", "Nessuno", "Niente", "No",
            "Noi", "Non", "Nulla", "Oggi", "Ogni", "Ora", "Per", "Perché", "Perciò", "Però",
            "Più", "Poi", "Poiché", "Prima", "Pure", "Qualche", "Quando", "Quanto", "Quel",
            "Quell'", "Quella", "Quello", "Quest'", "Questa", "Queste", "Questi", "Questo",
            "Qui", "Quindi", "Sarà", "Se", "Secondo", "Sei", "Sempre", "Senza", "Si", "Sia",
            "Solo", "Sono", "Sopra", "Sotto", "Sta", "Su", "Sua", "Sul", "Sull'", "Sulla",
            "Suo", "Tra", "Tu", "Tuttavia", "Tutti", "Tutto", "Un", "Un'", "Una", "Uno",
            "Va", "Vi", "Voi", "È",
        ],
        ..OTHER
    },
    // Portuguese.
    SentenceRules {
        tags: "pt",
        never: &[
            "Av", "D", "Dr", "Dra", "Dras", "Drs", "Gen", "Ilma", "Ilmo", "Profª", "Rev",
            "Sta", "Sto", "a", "aprox", "arq", "av", "cap", "cel", "d", "dr", "dra",
            "drs", "eng", "ex", "exma", "exmo", "fr", "i.e", "mons", "máx", "mín", "p.ex",
            "pe", "prof", "profa", "profª", "r", "sr", "sra", "sras", "srs", "srta",
            "sta", "sto", "v.g", "vs",
        ],
        rarely: &[
            "Cia", "Inc", "Jr", "Ltd", "Ltda", "S.A", "ltda",
        ],
        often: &[
            "C", "a.C", "a.c", "a.m", "d.C", "d.c", "etc", "p.m",
        ],
        before_number: &[
            "abr", "ago", "art", "arts", "dez", "fev", "fig", "jan", "jul", "jun", "n",
            "n.º", "no", "nov", "nº", "núm", "out", "p", "pp", "pág", "págs", "set",
            "séc", "tel", "vol",
        ],
        sentence_starters: &[
            "A", "Ainda", "Algo", "Alguns", "Ali", "Além", "Antes", "Ao", "Aos", "Apenas",
            "Apesar", "Após", "Aquela", "Aquele", "Aqui", "As", "Assim", "Até", "Cada",
            "Com", "Como", "Contudo", "Da", "Das", "De", "Depois", "Desde", "Do", "Dois",
            "Dos", "Durante", "E", "Ela", "Elas", "Ele", "Eles", "Em", "Embora", "Enquanto",
            "Entre", "Então", "Era", "Essa", "Esse", "Esses", "Esta", "Estava", "Este",
            "Estes", "Eu", "Foi", "Hoje", "Há", "Isso", "Isto", "Já", "Logo", "Lá", "Mais",
            "Mas", "Me", "Mesmo", "Meu", "Minha", "Muito", "Muitos", "Na", "Nada", "Nas",
            "Nem", "Nenhum", "Ninguém", "No", "Nos", "Nossa", "Nosso", "Nunca", "Não",
            "Nós", "O", "Obrigado", "Onde", "Ontem", "Os", "Ou", "Outra", "Outro", "Para",
            "Pela", "Pelo", "Pois", "Por", "Porque", "Porém", "Quando", "Quanto", "Que",
            "Quem", "Se", "Segundo", "Sem", "Sempre", "Ser", "Seu", "Seus", "Sim", "Sob",
            "Sobre", "Sua", "Suas", "São", "Só", "Também", "Tem", "Tinha", "Toda", "Todo",
            "Todos", "Tudo", "Um", "Uma", "Vamos", "Você", "Vocês", "À", "É",
        ],
        ..OTHER
    },
    // Dutch.
    SentenceRules {
        tags: "nl",
        never: &[
            "-str", "a", "b", "b.v", "bijv", "bv", "ca", "cf", "d", "d.m.v", "d.w.z",
            "ds", "dwz", "e", "evt", "excl", "fa", "geb", "gebr", "gem", "h.o", "i.c",
            "i.h.a", "i.h.b", "i.p.v", "i.t.t", "i.v.m", "i.z", "incl", "ing", "jhr",
            "jkvr", "jl", "m.a.w", "m.b.t", "m.b.v", "m.i.v", "m.n", "m.u.v", "mej",
            "n.a.v", "nl", "o", "o.a", "o.b.v", "o.g.v", "o.i.d", "o.l.v", "o.m", "plm",
            "resp", "sr", "st", "t.a.v", "t.b.v", "t.g.v", "t.n.v", "t.o.v", "t.w.v",
            "t.z.t", "v", "vgl", "vs", "wo", "z", "z.g", "zg", "zgn", "zr",
        ],
        rarely: &[
            "B.V", "Co", "Inc", "Jr", "Ltd", "N.V", "mld", "mln",
        ],
        often: &[
            "Chr", "a.u.b", "d.d", "e.a", "e.d", "e.v", "enz", "etc", "m.m", "n.C",
            "n.Chr", "s.v.p", "v.C", "v.Chr",
        ],
        before_number: &[
            "afb", "afl", "apr", "art", "aug", "bl", "blz", "dec", "deel", "feb", "fig",
            "hfdst", "hfst", "jan", "jg", "jul", "jun", "max", "min", "mrt", "no", "nov",
            "nr", "nrs", "okt", "p", "pag", "par", "pp", "sept", "tab", "tel", "vol",
        ],
        sentence_starters: &[
            "Aan", "Al", "Alle", "Alles", "Als", "Anderen", "Beide", "Bij", "Daar",
            "Daarna", "Daarom", "Dan", "Dat", "De", "Den", "Deze", "Die", "Dit", "Doch",
            "Door", "Dus", "Echter", "Een", "Eerst", "En", "Er", "Ga", "Geen", "Haar",
            "Had", "Heb", "Heeft", "Het", "Hier", "Hij", "Hoe", "Hun", "Iedereen", "Ik",
            "In", "Is", "Ja", "Je", "Jij", "Jullie", "Kan", "Later", "Maar", "Men", "Met",
            "Mijn", "Misschien", "Morgen", "Na", "Naar", "Nee", "Niemand", "Niet", "Niets",
            "Nog", "Nooit", "Nu", "Of", "Om", "Omdat", "Onder", "Ons", "Onze", "Ook", "Op",
            "Over", "Sinds", "Sommige", "Soms", "Te", "Tegen", "Terwijl", "Toch", "Toen",
            "Tot", "Uit", "Uw", "Van", "Vandaag", "Veel", "Volgens", "Voor", "Waar",
            "Waarom", "Wanneer", "Want", "Was", "Wat", "We", "Weer", "Wel", "Welke", "Wie",
            "Wij", "Wil", "Ze", "Zelfs", "Zich", "Zij", "Zijn", "Zo", "Zonder", "Zou",
        ],
        ..OTHER
    },
    // Polish.
    SentenceRules {
        tags: "pl",
        never: &[
            "al", "alb", "doc", "dot", "dr", "ds", "dyr", "hab", "hr", "in", "inż", "jw",
            "kard", "kol", "kpt", "lek", "m", "m.in", "mec", "mgr", "n", "np", "nt", "o",
            "ok", "p", "pl", "pow", "pp", "prof", "prok", "przyp", "pt", "pw", "red",
            "reż", "rtm", "s.p", "sp", "sygn", "szt", "tj", "tzn", "tzw", "ul", "ur",
            "wg", "woj", "wsp", "wyd", "z", "z-ca", "zob", "zw", "śp", "św",
        ],
        rarely: &[
            "im", "kg", "min", "mld", "mln", "tys",
        ],
        often: &[
            "cd", "i.t.d", "itd", "itp", "n.e", "p.n.e", "r", "w",
        ],
        before_number: &[
            "art", "godz", "nr", "pkt", "poz", "rozdz", "rys", "s", "str", "t", "tab",
            "tel", "tom", "ust", "zał",
        ],
        sentence_starters: &[
            "A", "Albo", "Ale", "Bo", "By", "Był", "Była", "Było", "Były", "Chociaż", "Ci",
            "Co", "Czy", "Da", "Dla", "Dlaczego", "Dlatego", "Do", "Dwa", "Dzisiaj", "Dziś",
            "Gdy", "Gdzie", "I", "Ich", "Inni", "Ja", "Jak", "Jako", "Jednak", "Jego",
            "Jej", "Jest", "Jeszcze", "Jeśli", "Już", "Kiedy", "Kto", "Którzy", "Lecz",
            "Ma", "Mają", "Mam", "Mimo", "Może", "My", "Mój", "Na", "Nad", "Następnie",
            "Nasz", "Nawet", "Nic", "Nie", "Nigdy", "Nikt", "No", "O", "Od", "On", "Ona",
            "One", "Oni", "Ono", "Oraz", "Pan", "Pani", "Po", "Pod", "Podczas", "Potem",
            "Potrzeba", "Przed", "Przez", "Przy", "Się", "Stąd", "Swój", "Są", "Ta", "Tak",
            "Także", "Tam", "Te", "Ten", "Teraz", "Też", "To", "Tu", "Tutaj", "Ty", "Tylko",
            "W", "Wczoraj", "We", "Wiele", "Więc", "Wszyscy", "Wszystko", "Wtedy", "Wy",
            "Z", "Za", "Zaś", "Ze", "Żaden", "Że",
        ],
        ordinals: Ordinals::Dotted,
        ..OTHER
    },
    // Russian.
    SentenceRules {
        tags: "ru",
        never: &[
            "акад", "букв", "бул", "вкл", "вул", "гр", "дир", "до.н", "доц", "ж-л", "ж.д",
            "зав", "зам", "изд", "ин", "инж", "искл", "ист", "канд", "кн", "кол", "корр",
            "кс", "лат", "наб", "назв", "напр", "нач", "о", "оз", "пер", "пл", "пр-т",
            "пр.а", "прим", "просп", "рус", "св", "сев", "сокр", "ср", "т", "т.е", "т.ж",
            "т.к", "т.н", "тт", "ул", "урожд", "уч", "фр", "церк", "чел.а", "чл",
        ],
        rarely: &[
            "в", "вв", "г", "гг", "грн", "долл", "им", "кв.м", "коп", "мес", "мин", "млн",
            "млрд", "обл", "п.м", "р", "р-н", "руб", "сек", "см", "тыс", "ч", "шт",
        ],
        often: &[
            "др", "и.о", "н.э", "пр", "проч", "т.д", "т.п",
        ],
        before_number: &[
            "авг", "апр", "вып", "гл", "д", "дек", "илл", "кв", "корп", "л", "нояб",
            "окт", "п", "пп", "рис", "с", "сент", "ст", "стр", "табл", "тел", "том",
            "февр", "эт", "янв", "№",
        ],
        sentence_starters: &[
            "А", "Без", "Более", "Больше", "Был", "Была", "Были", "Было", "В", "Вам", "Вас",
            "Ведь", "Во", "Вот", "Все", "Всегда", "Всё", "Вчера", "Вы", "Где", "Да", "Для",
            "До", "Его", "Если", "Есть", "Ещё", "Её", "За", "Здесь", "И", "Из", "Или", "Их",
            "К", "Каждый", "Как", "Какой", "Когда", "Кроме", "Кто", "Лишь", "Между", "Мне",
            "Многие", "Много", "Может", "Мой", "Моя", "Мы", "На", "Над", "Нас", "Наш", "Не",
            "Нет", "Ни", "Никто", "Ничего", "Но", "Ну", "О", "Об", "Однако", "Он", "Она",
            "Они", "Оно", "От", "Перед", "По", "Под", "После", "Потом", "Потому", "Почему",
            "При", "Пусть", "С", "Сегодня", "Сейчас", "Скоро", "Со", "Так", "Также", "Там",
            "Тебе", "Теперь", "То", "Тогда", "Тоже", "Только", "Ты", "У", "Уже", "Хотя",
            "Чем", "Через", "Что", "Чтобы", "Эта", "Эти", "Это", "Этот", "Я",
        ],
        ..OTHER
    },
    // Ukrainian.
    SentenceRules {
        tags: "uk",
        never: &[
            "акад", "бул", "вул", "гр", "див", "дир", "доц", "зав", "заст", "канд", "м",
            "наб", "напр", "о", "оз", "пл", "пров", "просп", "с.м", "св", "т", "т.зв",
            "тел", "тобто", "тов", "уч", "ім", "інж",
        ],
        rarely: &[
            "в", "вв", "год", "грн", "коп", "млн", "млрд", "обл", "р", "р-н", "рр", "сек",
            "ст", "тис", "хв",
        ],
        often: &[
            "н.е", "пр", "т.д", "т.п", "т.ін", "тощо", "ін",
        ],
        before_number: &[
            "буд", "вип", "гл", "груд", "д", "жовт", "кв", "квіт", "корп", "лют", "мал",
            "пп", "рис", "с", "серп", "стор", "січ", "табл", "том", "ч", "№",
        ],
        sentence_starters: &[
            "Є", "І", "Із", "Їх", "Її", "А", "Або", "Але", "Без", "Був", "Була", "Були",
            "Було", "Більше", "В", "Вам", "Вас", "Ви", "Вона", "Вони", "Все", "Всі",
            "Вчора", "Від", "Він", "Де", "Для", "До", "Ж", "З", "За", "Завтра", "Зараз",
            "Його", "Кожен", "Коли", "Крім", "Мені", "Ми", "Може", "Моя", "Мій", "На",
            "Над", "Наш", "Не", "Ну", "Ні", "Ніхто", "Нічого", "Однак", "Перед", "По",
            "Потім", "При", "Про", "Проте", "Під", "Після", "Сьогодні", "Та", "Так",
            "Також", "Там", "Тепер", "Ти", "То", "Тоді", "Тому", "Тільки", "У", "Хоча",
            "Хто", "Це", "Цей", "Ця", "Ці", "Через", "Чи", "Чому", "Що", "Щоб", "Я", "Як",
            "Якщо",
        ],
        ..OTHER
    },
    // Czech and Slovak.
    SentenceRules {
        tags: "cs sk",
        never: &[
            "Bc", "DrSc", "MVDr", "PaedDr", "ThDr", "arch", "bc", "bl", "cca", "dr",
            "gen", "hl", "ing", "judr", "kpt", "m", "mgr", "mj", "mudr", "mysl", "napr",
            "např", "nám", "obj", "odb", "orig", "p", "phdr", "plk", "popř", "por",
            "pozn", "pplk", "pí", "příl", "příp", "red", "resp", "rndr", "ryt", "sl",
            "soudr", "sv", "t.j", "tel", "tj", "tzn", "tzv", "tř", "ul", "viz", "vl",
            "vyd", "vč", "zejm", "zn", "říd",
        ],
        rarely: &[
            "Co", "Kč", "a.s", "hod", "max", "mil", "min", "ml", "mld", "nar", "r",
            "s.r.o", "stol", "tis",
        ],
        often: &[
            "ai", "aj", "apod", "atd", "atp", "n.l", "p.n.l", "pod", "př.Kr", "př.n.l",
        ],
        before_number: &[
            "art", "díl", "kap", "obr", "ods", "odst", "par", "roč", "s", "st", "str",
            "tab", "zv", "č", "čl", "čís",
        ],
        sentence_starters: &[
            "A", "Aby", "Ako", "Ale", "Ani", "Ano", "Až", "Bez", "Bol", "Bola", "Bolo",
            "Bude", "Byl", "Byla", "Bylo", "Byly", "Co", "Dnes", "Do", "Ešte", "Jak",
            "Jaký", "Je", "Jeho", "Jej", "Jejich", "Její", "Jen", "Ještě", "Jsem", "Jsme",
            "Jsou", "Já", "Každý", "Kde", "Kdo", "Kdy", "Kdyby", "Když", "Keď", "Která",
            "Které", "Který", "Mají", "Me", "Mezi", "Mnoho", "Moje", "My", "Má", "Můj",
            "Na", "Nad", "Naše", "Ne", "Nebo", "Nechť", "Než", "Nic", "Nie", "Nikdo",
            "Nyní", "O", "Oba", "Od", "On", "Ona", "Oni", "Ono", "Po", "Pod", "Podle",
            "Podľa", "Potom", "Potém", "Pre", "Pri", "Pro", "Proto", "Protože", "Proč",
            "Před", "Při", "S", "Sa", "Se", "Si", "Snad", "Som", "Sú", "Ta", "Tak", "Také",
            "Takže", "Tam", "Tato", "Ten", "Tento", "Teraz", "Teď", "To", "Toto", "Tu",
            "Ty", "Už", "V", "Ve", "Vy", "Však", "Všechno", "Všichni", "Vždy", "Z", "Za",
            "Zda", "Zde", "Ze", "Čo", "Že",
        ],
        ordinals: Ordinals::Dotted,
        ..OTHER
    },
    // Swedish.
    SentenceRules {
        tags: "sv",
        never: &[
            "adj", "anm", "bl.a", "c:a", "ca", "d.v.s", "dvs", "enl", "ev", "exkl", "f.ö",
            "förf", "ing", "inkl", "jfr", "lic", "m.a.o", "mr", "pga", "resp", "s.k",
            "sk", "t.ex", "t.o.m", "t.v", "tex", "tr", "vs", "äv", "övers",
        ],
        rarely: &[
            "AB", "Co", "Inc", "Jr", "Ltd", "el", "max", "mdr", "milj", "st", "st.k",
        ],
        often: &[
            "Kr", "d.y", "d.ä", "e.Kr", "etc", "f", "f.Kr", "f.d", "ff", "m.fl", "m.m",
            "m.m.fl", "o.a", "o.d", "o.dyl", "o.s.v", "osv",
        ],
        before_number: &[
            "apr", "aug", "dec", "feb", "fig", "jan", "kap", "kl", "nov", "nr", "okt",
            "p", "par", "s", "sept", "sid", "tab", "tel", "vol",
        ],
        sentence_starters: &[
            "Alla", "Allt", "Att", "Av", "Bara", "De", "Den", "Denna", "Dessa", "Det",
            "Detta", "Där", "Därför", "Då", "Efter", "Eftersom", "Eller", "En", "Er", "Ett",
            "Eva", "Fast", "Finns", "Från", "För", "Han", "Hans", "Har", "Hennes", "Hon",
            "Hur", "Här", "I", "Idag", "Igår", "Ingen", "Inget", "Inte", "Ja", "Jag", "Kan",
            "Man", "Med", "Men", "Min", "Mina", "Mitt", "Mycket", "Många", "Nej", "Ni",
            "Nu", "När", "Och", "Också", "Om", "Oss", "På", "Samma", "Sedan", "Sin", "Ska",
            "Som", "Så", "Till", "Under", "Ur", "Ut", "Utan", "Vad", "Var", "Varför", "Vem",
            "Vi", "Vid", "Vilken", "Vår", "Än", "Är", "Även", "Åt",
        ],
        ..OTHER
    },
    // Danish.
    SentenceRules {
        tags: "da",
        never: &[
            "adj", "adr", "anm", "bl.a", "ca", "cand", "d.v.s", "dvs", "ekskl", "evt",
            "f.eks", "fa", "feks", "fhv", "forf", "fx", "hhv", "hr", "ifm", "ift", "ing",
            "inkl", "jf", "kbh", "kgl", "mag", "maks", "mht", "mr", "ndf", "nuv", "p.t",
            "pga", "resp", "s.k", "sk", "sml", "t.ex", "tlg", "vedr", "vha",
        ],
        rarely: &[
            "A/S", "ApS", "Co", "eks", "mia", "mio",
        ],
        often: &[
            "Kr", "e.Kr", "etc", "f", "f.Kr", "ff", "m.fl", "m.m", "m.v", "mv", "o.a",
            "o.l", "o.lign", "og.l", "osv",
        ],
        before_number: &[
            "afd", "afs", "apr", "art", "aug", "bd", "bl", "dec", "feb", "fig", "jan",
            "kap", "kl", "nov", "nr", "okt", "p", "par", "pkt", "s", "sept", "st", "stk",
            "tab", "tlf", "vol",
        ],
        sentence_starters: &[
            "Af", "Alle", "Alt", "Altså", "At", "Bare", "Da", "De", "Den", "Denne", "Der",
            "Derefter", "Derfor", "Dermed", "Det", "Dette", "Disse", "Du", "Efter", "Eller",
            "En", "Er", "Et", "For", "Fordi", "Fra", "Før", "Gennem", "Ham", "Han", "Hans",
            "Har", "Havde", "Hendes", "Her", "Hos", "Hun", "Hvad", "Hvem", "Hver", "Hvis",
            "Hvor", "Hvordan", "Hvorfor", "I", "Igen", "Ikke", "Imellem", "Ingen", "Ja",
            "Jeg", "Kan", "Man", "Mange", "Med", "Men", "Mens", "Min", "Mit", "Mod",
            "Måske", "Ned", "Nej", "Nogle", "Nu", "Når", "Og", "Også", "Om", "Omkring",
            "Op", "Over", "På", "Selv", "Siden", "Sin", "Som", "Så", "Sådan", "Til",
            "Trods", "Uden", "Under", "Var", "Ved", "Vi", "Vil", "Vores",
        ],
        ordinals: Ordinals::Dotted,
        ..OTHER
    },
    // Norwegian.
    SentenceRules {
        tags: "nb nn no",
        never: &[
            "adm", "adr", "bl.a", "ca", "cand", "d.v.s", "dvs", "ekskl", "evt", "f.eks",
            "fhv", "fork", "hhv", "ifm", "iht", "ing", "inkl", "jf", "jfr", "kgl", "maks",
            "mht", "mr", "ndf", "p.t", "pga", "resp", "s.k", "skt", "såk", "t.d", "t.o.m",
            "u.å", "vedr", "vha", "vs",
        ],
        rarely: &[
            "A/S", "AS", "Co", "eks", "mill", "mrd",
        ],
        often: &[
            "Kr", "e.Kr", "etc", "f", "f.Kr", "ff", "m.a", "m.fl", "m.m", "m.v", "mfl",
            "mm", "mv", "o.a", "o.l", "osb", "osv",
        ],
        before_number: &[
            "apr", "art", "aug", "avd", "bd", "des", "feb", "fig", "jan", "kap", "kl",
            "nov", "nr", "okt", "p", "par", "pkt", "s", "sept", "st", "tab", "tlf", "vol",
        ],
        sentence_starters: &[
            "Alle", "Alt", "Altså", "At", "Av", "Bare", "Begge", "Da", "De", "Den", "Denne",
            "Der", "Deretter", "Derfor", "Det", "Dette", "Disse", "Du", "Eg", "Ein", "Eit",
            "Eller", "En", "Er", "Et", "Ette", "Etter", "For", "Fordi", "Fra", "Før",
            "Gjennom", "Hadde", "Ham", "Han", "Hans", "Har", "Hennes", "Her", "Ho", "Hos",
            "Hun", "Hva", "Hvem", "Hver", "Hvis", "Hvor", "Hvordan", "Hvorfor", "I",
            "Igjen", "Ikke", "Ikkje", "Ingen", "Ja", "Jeg", "Kan", "Kanskje", "Korleis",
            "Kva", "Man", "Mange", "Med", "Men", "Mens", "Min", "Mitt", "Mot", "Ned", "Nei",
            "No", "Noen", "Nokre", "Nå", "Når", "Og", "Også", "Om", "Omkring", "Opp",
            "Over", "På", "Selv", "Siden", "Sin", "Slik", "Som", "Så", "Til", "Tross",
            "Under", "Uten", "Var", "Ved", "Vi", "Vil", "Vår",
        ],
        ordinals: Ordinals::Dotted,
        ..OTHER
    },
    // Finnish.
    SentenceRules {
        tags: "fi",
        never: &[
            "alk", "ao", "arv", "dipl", "dos", "ed", "ens", "ent", "esim", "evl", "fil",
            "hlö", "huom", "ip", "joht", "kaup", "kd", "kirj", "koht", "ks", "kts", "l",
            "leht", "lis", "ltn", "maist", "maks", "mm", "mr", "n", "noin", "ns", "pj",
            "srk", "st", "synt", "toht", "toim", "ts", "vrt", "vt", "yht",
        ],
        rarely: &[
            "Ab", "Co", "Oy", "milj", "mrd",
        ],
        often: &[
            "eKr", "jKr", "jms", "jne", "tms", "ym", "yms",
        ],
        before_number: &[
            "huone", "klo", "kpl", "luku", "no", "nro", "os", "puh", "s", "sivu", "v",
        ],
        sentence_starters: &[
            "Aina", "Ei", "Eikä", "Eilen", "En", "Ensin", "Entä", "Että", "He", "Heidän",
            "Hyvin", "Hän", "Hänen", "Ihan", "Ilman", "Itse", "Ja", "Joka", "Jokainen",
            "Jonka", "Jos", "Joskus", "Jotka", "Juuri", "Jälkeen", "Kaikki", "Kanssa",
            "Ken", "Koska", "Kuin", "Kuinka", "Kuka", "Kun", "Kuten", "Kyllä", "Lisäksi",
            "Me", "Meidän", "Miksi", "Mikä", "Millainen", "Milloin", "Minkä", "Minun",
            "Minä", "Missä", "Miten", "Mitä", "Moni", "Mutta", "Muut", "Myöhemmin", "Myös",
            "Ne", "Niin", "Niitä", "Nyt", "Näin", "Näitä", "Nämä", "Olen", "Oli", "Olivat",
            "On", "Ovat", "Pian", "Sama", "Se", "Sekä", "Sen", "Siellä", "Siinä", "Siis",
            "Siitä", "Siksi", "Silloin", "Sillä", "Sinä", "Sitten", "Tai", "Te", "Tuo",
            "Tuolla", "Tämä", "Tämän", "Tänään", "Tässä", "Täällä", "Vaan", "Vaikka",
            "Vain", "Voi", "Vuonna", "Yksi",
        ],
        ordinals: Ordinals::Dotted,
        ..OTHER
    },
    // Hungarian.
    SentenceRules {
        tags: "hu",
        never: &[
            "Dr", "Ifj", "br", "dr", "gr", "hg", "ifj", "kb", "körz", "ld", "mgr", "pl",
            "prof", "ref", "sgt", "szt", "szül", "tszf", "vö", "Özv", "ö", "özv", "ún",
        ],
        rarely: &[
            "Bp", "Kft", "Nyrt", "Rt", "Zrt", "bp", "ezer", "mrd",
        ],
        often: &[
            "i.e", "i.sz", "stb", "u.a",
        ],
        before_number: &[
            "aug", "dec", "em", "evf", "febr", "fsz", "jan", "köt", "márc", "nov", "o",
            "okt", "old", "sz", "szept", "tel", "tv", "u", "ábra", "ápr",
        ],
        sentence_starters: &[
            "A", "Addig", "Aki", "Akkor", "Ami", "Amikor", "Az", "Azok", "Azonban", "Azt",
            "Azután", "Azért", "Csak", "De", "Egy", "Ez", "Ezek", "Ezt", "Ezután", "Ezért",
            "Ha", "Hanem", "Hiszen", "Hogy", "Hol", "Igen", "Itt", "Jó", "Ki", "Kik",
            "Később", "Ma", "Meg", "Mert", "Mi", "Mikor", "Minden", "Mint", "Miért", "Most",
            "Már", "Nagyon", "Nem", "Nincs", "Ott", "Pedig", "Se", "Senki", "Sok",
            "Szerintem", "Talán", "Te", "Tegnap", "Ti", "Utána", "Vagy", "Van", "Volt",
            "Voltak", "Én", "És", "Így", "Úgy", "Ő", "Ők",
        ],
        ordinals: Ordinals::Dotted,
        ..OTHER
    },
    // Romanian.
    SentenceRules {
        tags: "ro",
        never: &[
            "Bd", "Sf", "Str", "acad", "aprox", "av", "bd", "cca", "col", "d", "d-ra",
            "dra", "dvs", "ex", "ing", "lt", "mr", "p.ex", "sf", "st", "str", "vs", "ș.l",
        ],
        rarely: &[
            "Co", "Inc", "mil", "mld",
        ],
        often: &[
            "Hr", "d.Hr", "e.n", "etc", "î.Hr", "î.e.n", "ş.a", "ş.a.m.d", "ș.a",
            "ș.a.m.d",
        ],
        before_number: &[
            "alin", "apr", "art", "aug", "cap", "dec", "feb", "fig", "ian", "iul", "lit",
            "nov", "nr", "oct", "p", "pag", "par", "pct", "pg", "pp", "sec", "sept",
            "tab", "tel", "vol",
        ],
        ..OTHER
    },
    // Catalan.
    SentenceRules {
        tags: "ca",
        never: &[
            "Av", "Mn", "Pg", "Sres", "Srs", "Srta", "a", "aprox", "av", "c", "cf", "dr",
            "dra", "ex", "mn", "p.e", "p.ex", "prof", "sr", "sra", "srta", "st", "sta",
            "vs",
        ],
        rarely: &[
            "Cia", "Co", "EE", "EE.UU", "S.A", "UU",
        ],
        often: &[
            "C", "a.C", "a.m", "d.C", "etc", "p.m",
        ],
        before_number: &[
            "abr", "ag", "art", "cap", "des", "febr", "fig", "gen", "jul", "n", "nov",
            "núm", "oct", "p", "pp", "pàg", "set", "tel", "vol",
        ],
        ..OTHER
    },
    // Slovene, Croatian, Bosnian and Serbian.
    SentenceRules {
        tags: "sl hr bs sr",
        never: &[
            "akad", "d", "dipl", "doc", "dr", "g", "gdč", "gosp", "gđa", "gđica", "ing",
            "inž", "mag", "mr", "msgr", "npr", "o", "oz", "pribl", "prim", "prof", "spec",
            "sv", "t.i", "t.j", "t.zv", "tj", "tzn", "tzv", "ul", "univ", "vidi", "акад",
            "бр.а", "г", "гдин", "гђа", "доц", "др", "инж", "мр", "нпр", "о", "оз", "проф",
            "св", "тзв", "тј", "ул",
        ],
        rarely: &[
            "d.d", "d.o.o", "mil", "mio", "mlrd", "tis", "мил", "млрд", "хиљ",
        ],
        often: &[
            "i.sl", "idr", "ipd", "itd", "itn", "n.e", "p.n.e", "po.Kr", "pr.Kr", "sl",
            "tzl", "итд", "н.е", "сл",
        ],
        before_number: &[
            "br", "gl", "god", "kn", "pog", "st", "str", "tab", "tel", "tč", "čl", "бр",
            "гл", "год", "стр", "тел", "чл",
        ],
        sentence_starters: &[
            "A", "Ako", "Ali", "Bez", "Bil", "Bila", "Bilo", "Bio", "Da", "Do", "Ga", "Gde",
            "Gdje", "I", "Iako", "Ili", "Ima", "In", "Iz", "Ja", "Jaz", "Je", "Jer", "Još",
            "Ju", "Kad", "Kada", "Kaj", "Kako", "Kao", "Kdaj", "Kdo", "Ker", "Kje", "Ko",
            "Kod", "Koji", "Međutim", "Mi", "Moj", "Može", "Na", "Nakon", "Ne", "Nego",
            "Nema", "Ni", "Nije", "Nitko", "Njegov", "No", "O", "Od", "On", "Ona", "One",
            "Oni", "Ono", "Ova", "Ovaj", "Ovo", "Pa", "Po", "Pod", "Potem", "Potom",
            "Prema", "Pri", "Prije", "Sa", "Saj", "Sam", "Samo", "Se", "Smo", "So", "Su",
            "Sve", "Svi", "Ta", "Tako", "Takođe", "Također", "Tam", "Te", "Ti", "To",
            "Toda", "Tu", "U", "V", "Veliko", "Več", "Vi", "Vsi", "Z", "Za", "Zakaj", "Zar",
            "Zato", "Zašto", "Zbog", "Če", "Še", "Šta", "Što", "Že", "Ја", "Је", "Јер",
            "Још", "А", "Ако", "Али", "Без", "Била", "Било", "Био", "Ви", "Где", "Да", "До",
            "За", "Зато", "Због", "И", "Из", "Или", "Када", "Како", "Као", "Која", "Који",
            "Међутим", "Ми", "Моја", "На", "Након", "Не", "Није", "Но", "О", "Ова", "Овај",
            "Ово", "Од", "Он", "Она", "Они", "Оно", "По", "Под", "После", "При", "Са",
            "Само", "Све", "Сви", "Се", "Смо", "Су", "Та", "Тако", "Такође", "Те", "Ти",
            "То", "Ту", "У", "Шта", "Што",
        ],
        ordinals: Ordinals::Dotted,
        ..OTHER
    },
    // Bulgarian and Macedonian.
    SentenceRules {
        tags: "bg mk",
        never: &[
            "акад", "бул", "вж", "гр", "д-р", "доц", "ж.к", "им", "инж", "кап", "кв.а",
            "лат", "мин", "напр", "нар", "о", "пл", "полк", "прим", "проф", "св", "см",
            "срв", "т.е", "т.к", "т.н", "т.нар", "тел", "тов", "ул", "уч", "чл",
        ],
        rarely: &[
            "в", "г", "гг", "лв", "млн", "млрд", "обл", "сек", "ст", "хил", "ч",
        ],
        often: &[
            "др", "и.т.н", "н.е", "п.н.е", "пр", "т", "т.н.а",
        ],
        before_number: &[
            "No", "ал", "бл", "бр", "вх", "гл", "ет", "ил", "кв", "л", "с", "стр", "табл",
            "том", "чл.а", "№",
        ],
        ..OTHER
    },
    // Turkish and Azerbaijani.
    SentenceRules {
        tags: "tr az",
        never: &[
            "Ecz", "Hz", "Mah", "Müh", "Op", "Uzm", "Yrd", "bkz", "böl", "cad", "cd",
            "doç", "dr", "ecz", "gen", "hz", "mah", "müh", "mürk", "prof", "s.a", "sk",
            "sn", "uzm", "yrd", "çev", "örn",
        ],
        rarely: &[
            "A.Ş", "Ltd", "M.S", "M.Ö", "mly", "mlyr", "Şti",
        ],
        often: &[
            "v.b", "v.d", "v.s", "vb", "vd", "vs",
        ],
        before_number: &[
            "c", "cilt", "md", "no", "nr", "s", "sf", "sh", "tab", "tel", "şek",
        ],
        sentence_starters: &[
            "Acaba", "Ama", "Ancak", "Artık", "Ayrıca", "Bana", "Bazı", "Belki", "Ben",
            "Benim", "Biz", "Bizim", "Bu", "Bugün", "Buna", "Bunlar", "Bunu", "Bunun",
            "Burada", "Böyle", "Böylece", "Bütün", "Da", "Daha", "Dün", "En", "Evet",
            "Eğer", "Fakat", "Gibi", "Hayır", "Hem", "Hep", "Her", "Herkes", "Hiç", "Kim",
            "Kimse", "Mi", "Nasıl", "Ne", "Neden", "Niçin", "O", "Ona", "Onlar", "Onu",
            "Onun", "Orada", "Sen", "Siz", "Sizin", "Sonra", "Tam", "Tüm", "Ve", "Veya",
            "Ya", "Yalnız", "Yani", "Yarın", "Yine", "Zaten", "Çok", "Çünkü", "İlk", "İçin",
            "İşte", "Şimdi", "Şu",
        ],
        ordinals: Ordinals::Dotted,
        ..OTHER
    },
    // Greek.
    SentenceRules {
        tags: "el",
        never: &[
            "Αγ", "Καθ", "Κος", "Κυρ", "Λεωφ", "αγ", "αρχ", "βλ", "γεν", "δίδα", "δηλ",
            "δις", "καθ", "κκ", "κος", "κυρ", "λ.χ", "λεωφ", "οδ", "π.χ", "σημ", "στρ",
            "τ.μ", "υπ", "χιλ",
        ],
        rarely: &[
            "δισ", "εκ", "εκατ",
        ],
        often: &[
            "κ.ά", "κ.α", "κ.λ.π", "κ.λπ", "κ.ο.κ", "κ.τ.λ", "κλπ", "κτλ", "μ.Χ", "μ.μ",
            "π.Χ", "π.μ",
        ],
        before_number: &[
            "άρθ", "απρ", "αρ", "αριθ", "αυγ", "δεκ", "εικ", "ιαν", "κεφ", "νοε", "οκτ",
            "παρ", "σ", "σελ", "σεπτ", "σχ", "τ", "τηλ", "τόμ", "φεβ",
        ],
        question_marks: ";\u{37E}",
        ..OTHER
    },
    // Icelandic and Faroese.
    SentenceRules {
        tags: "is fo",
        never: &[
            "a.m.k", "bl.a", "dr", "e.t.v", "frk", "fyrrv", "hr", "m.a", "n.k", "p.s",
            "prof", "s.k", "sbr", "sr", "t.a", "t.d", "u.þ.b", "v", "þ.e", "þ.e.a.s",
        ],
        rarely: &[
            "ehf", "hf", "millj",
        ],
        often: &[
            "Kr", "e.Kr", "f.Kr", "m.fl", "o.fl", "o.s.fr", "o.s.frv", "o.þ.h", "osfrv",
        ],
        before_number: &[
            "bls", "gr", "kafli", "kap", "kl", "nr", "s", "sími", "tbl", "tel",
        ],
        sentence_starters: &[
            "Af", "Allir", "Allt", "Að", "Bara", "Ef", "Eftir", "Eg", "Ekki", "En", "Er",
            "Frá", "Fyrir", "Hann", "Hans", "Hið", "Hvar", "Hvað", "Hver", "Hvernig", "Hér",
            "Hún", "Já", "Með", "Mjög", "Mér", "Mín", "Nei", "Nú", "Og", "Okkar", "Sem",
            "Svo", "Sé", "Síðan", "Til", "Tveir", "Um", "Upp", "Var", "Vegna", "Vertu",
            "Við", "Voru", "Á", "Ég", "Í", "Úr", "Þar", "Þau", "Það", "Þegar", "Þeir",
            "Þess", "Þessi", "Þetta", "Þið", "Því", "Þá", "Þær", "Þú",
        ],
        ordinals: Ordinals::Dotted,
        ..OTHER
    },
    // Estonian.
    SentenceRules {
        tags: "et",
        never: &[
            "dr", "eks", "hr", "i.e", "ing", "k", "kd", "kt", "l", "lp", "lüh", "mag",
            "nim", "nn", "nt", "pr", "prl", "prof", "s.h", "s.o", "sh", "st", "sü", "u",
            "v.a", "vrd", "vt", "õp",
        ],
        rarely: &[
            "AS", "OÜ", "milj", "mlrd", "saj",
        ],
        often: &[
            "e.Kr", "e.m.a", "ja.m", "jj", "jm", "jms", "jmt", "jne", "jt", "m.a.j", "p.Kr",
        ],
        before_number: &[
            "a", "joon", "lk", "nr", "pt", "ptk", "tab", "tel", "vol",
        ],
        sentence_starters: &[
            "Aasta", "Aga", "Ainult", "Ega", "Ei", "Enne", "Et", "Hiljem", "Hästi", "Iga",
            "Ilma", "Ja", "Jah", "Juba", "Just", "Ka", "Kas", "Keegi", "Kes", "Kogu",
            "Kuhu", "Kui", "Kuid", "Kuidas", "Kuna", "Kus", "Kõik", "Ma", "Me", "Mees",
            "Meie", "Miks", "Mille", "Milline", "Mina", "Minu", "Mis", "Mitte", "Mõned",
            "Nad", "Need", "Nemad", "Nii", "Ning", "Nüüd", "Oli", "Olid", "On", "Palju",
            "Pärast", "Sa", "Samuti", "Seal", "Seda", "See", "Seega", "Sel", "Selle",
            "Sest", "Siin", "Siis", "Sina", "Ta", "Teie", "Teised", "Tema", "Tollal",
            "Tuleb", "Täna", "Vaid", "Väga", "Või", "Võib", "Üks", "Üle",
        ],
        ordinals: Ordinals::Dotted,
        ..OTHER
    },
    // Latvian and Latgalian.
    SentenceRules {
        tags: "lv ltg",
        never: &[
            "Dr", "Prof", "dr", "g.k", "inž", "ls", "piem", "prof", "sk", "t.i", "t.s",
            "tzs", "tās",
        ],
        rarely: &[
            "milj", "mljrd", "tūkst",
        ],
        often: &[
            "c", "u.c", "u.t.t", "u.taml", "u.tml", "utt",
        ],
        before_number: &[
            "att", "gs", "lpp", "nod", "nr", "p", "plkst", "pp", "tab", "tālr",
        ],
        sentence_starters: &[
            "Ar", "Arī", "Bet", "Bez", "Bija", "Cik", "Es", "Ir", "Ja", "Jau", "Kad", "Kas",
            "Ko", "Kur", "Kā", "Kāds", "Kāpēc", "Lai", "Man", "Mans", "Mēs", "Mūsu", "Nav",
            "Ne", "No", "Nē", "Par", "Pat", "Pie", "Pirms", "Pēc", "Tad", "Tagad", "Tas",
            "Tie", "Tomēr", "Tu", "Tur", "Tā", "Tāpēc", "Tās", "Un", "Uz", "Vai", "Varbūt",
            "Vinš", "Visi", "Viss", "Viņa", "Viņi", "Viņš", "Vēl", "Šeit", "Šis", "Šodien",
            "Šī",
        ],
        ordinals: Ordinals::Dotted,
        ..OTHER
    },
    // Lithuanian.
    SentenceRules {
        tags: "lt",
        never: &[
            "a", "akad", "dab", "doc", "dr", "g", "gat", "gen", "gerb", "inž", "k", "kun",
            "m", "pan", "pav", "plg", "pr", "prof", "pvz", "red", "sav", "t.y", "tel",
            "vad", "vid", "vyr", "šv", "žml", "žr",
        ],
        rarely: &[
            "d", "mln", "mlrd", "mėn", "sek", "tūkst", "val",
        ],
        often: &[
            "ir.kt", "kt", "m.e", "t.t",
        ],
        before_number: &[
            "lent", "nr", "p", "psl", "r", "s", "sk", "skyr", "str",
        ],
        ..OTHER
    },
    // Basque.
    SentenceRules {
        tags: "eu",
        never: &[
            "adib", "and", "dr", "esk", "jn", "jr", "prof", "st",
        ],
        often: &[
            "e.a", "eta.ab", "etab", "k.a", "k.o",
        ],
        before_number: &[
            "art", "irud", "kap", "or", "orr", "tel", "zb", "zk",
        ],
        ordinals: Ordinals::Dotted,
        ..OTHER
    },
    // Welsh.
    SentenceRules {
        tags: "cy",
        never: &[
            "Athro", "Dr", "Mr", "Mrs", "Parch", "Parchg", "Yr", "dr", "e.e", "h.y", "mr",
            "mrs", "sef", "tua",
        ],
        often: &[
            "a.y.b", "ayb", "etc", "y.b",
        ],
        before_number: &[
            "rh", "rhif", "t", "tt", "tud",
        ],
        ..OTHER
    },
    // Indonesian and Malay.
    SentenceRules {
        tags: "id ms",
        never: &[
            "Bp", "Bpk", "Dr", "Dra", "Drs", "Hj", "Ir", "Jend", "Jl", "Jln", "Kol", "Ny",
            "Prof", "Sdr", "Sdri", "St", "Tn", "Yth", "a.n", "d.a", "dr", "kpd", "prof",
            "s.d", "sbb", "u.p", "yth",
        ],
        rarely: &[
            "Ltd", "Tbk",
        ],
        often: &[
            "dkk", "dll", "dsb", "dst", "etc",
        ],
        before_number: &[
            "ayat", "bab", "gbr", "hal", "hlm", "no", "pasal", "tel", "telp", "tgl", "vol",
        ],
        ..OTHER
    },
    // Swahili.
    SentenceRules {
        tags: "sw",
        never: &[
            "Bi", "Bw", "Dk", "Dkt", "Dr", "Mh", "Mhe", "Prof", "dk", "k.m", "mf",
        ],
        often: &[
            "k.k", "n.k", "nk",
        ],
        before_number: &[
            "Na", "gr", "no", "uk",
        ],
        ..OTHER
    },
    // Vietnamese.
    SentenceRules {
        tags: "vi",
        never: &[
            "BS", "Ds", "GS", "KS", "PGS", "Q", "TP", "TS", "Th.S", "ThS", "Tp", "VD", "st",
            "tp", "v.d", "vd",
        ],
        often: &[
            "v.v", "vv",
        ],
        before_number: &[
            "ch", "h", "no", "s", "tr",
        ],
        ..OTHER
    },
    // Georgian.
    SentenceRules {
        tags: "ka",
        never: &[
            "ბ-ნი", "დოქ", "ე.ი", "ე.წ", "მაგ", "პროფ", "ქ", "ქალბ",
        ],
        rarely: &[
            "სს", "წ",
        ],
        often: &[
            "ა.შ", "და.ა.შ",
        ],
        before_number: &[
            "გვ", "თავი", "მუხ", "ნახ", "ტ",
        ],
        ..OTHER
    },
    // Arabic, Persian and Urdu.
    SentenceRules {
        tags: "ar fa ur",
        never: &[
            "أ", "د", "م",
        ],
        often: &[
            "إلخ", "الخ", "ه",
        ],
        before_number: &[
            "ج", "ص",
        ],
        ..OTHER
    },
    // Hindi, Nepali and Marathi.
    SentenceRules {
        tags: "hi ne mr",
        never: &[
            "कु", "डा", "डॉ", "पं", "प्रो", "मि", "मो", "श्री", "सु",
        ],
        often: &[
            "आदि",
        ],
        before_number: &[
            "पृ", "सं",
        ],
        ..OTHER
    },
    // Bengali and Assamese.
    SentenceRules {
        tags: "bn as",
        never: &[
            "ড", "ডা", "প্রফেসর", "মি", "মো", "মোঃ",
        ],
        before_number: &[
            "নং", "পৃ",
        ],
        ..OTHER
    },
    // Hebrew.
    SentenceRules {
        tags: "he",
        never: &[
            "גב", "ד", "פרופ",
        ],
        before_number: &[
            "עמ",
        ],
        ..OTHER
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_list_is_sorted_and_no_word_is_in_two_lists() {
        for language in LANGUAGES {
            let mut seen = HashSet::new();
            let usages = [
                language.never,
                language.rarely,
                language.often,
                language.before_number,
            ];
            for words in usages {
                assert!(words.is_sorted(), "{}: {words:?}", language.tags);
                for word in words {
                    assert!(seen.insert(word), "{}: {word}", language.tags);
                    assert!(
                        !word.is_empty() && !word.ends_with('.'),
                        "{}",
                        language.tags
                    );
                }
            }
            assert!(language.sentence_starters.is_sorted(), "{}", language.tags);
        }
    }

    #[test]
    fn what_the_file_of_a_language_says_is_not_repeated() {
        let mut repeated = Vec::new();
        for language in LANGUAGES {
            let usages = [
                (language.never, Usage::Never),
                (language.rarely, Usage::Rarely),
                (language.often, Usage::Often),
                (language.before_number, Usage::BeforeNumber),
            ];
            for (words, usage) in usages {
                for word in words {
                    if language.usage_as_read(word) == Some(usage) {
                        repeated.push((language.tags, *word));
                    }
                }
            }
        }
        assert_eq!(repeated, []);
    }

    #[test]
    fn the_first_subtag_of_a_voice_decides_the_rules() {
        for (voice, tags) in [
            ("en-gb-x-rp", "en"),
            ("en-us", "en"),
            ("pt-br", "pt"),
            ("pt_BR", "pt"),
            ("nb", "nb nn no"),
            ("DE", "de lb"),
            ("cmn", ""),
            ("", ""),
            ("e", ""),
        ] {
            assert_eq!(SentenceRules::of(voice).tags, tags, "{voice}");
        }
    }

    #[test]
    fn listed_capitals_must_match() {
        let english = SentenceRules::of("en-us");
        for (word, usage) in [
            ("Dr", Some(Usage::Never)),
            ("DR", Some(Usage::Never)),
            ("e.g", Some(Usage::Never)),
            ("E.g", Some(Usage::Never)),
            ("Sat", Some(Usage::Rarely)),
            ("sat", None),
            ("etc", Some(Usage::Often)),
            ("No", Some(Usage::BeforeNumber)),
            ("dog", None),
            ("", None),
        ] {
            assert_eq!(english.usage(word), usage, "{word}");
        }
        let german = SentenceRules::of("de");
        assert_eq!(german.usage("Hauptstr"), Some(Usage::Never));
    }
}
