//! A sample sentence in each language.

/// By language family: `de` for `de_AT`.
const SENTENCES: [(&str, &str); 30] = [
    ("ar", "صباح الخير، هذا هو صوتي."),
    ("bg", "Добро утро, това е моят глас."),
    ("ca", "Bon dia, aquesta és la meva veu."),
    ("cs", "Dobré ráno, toto je můj hlas."),
    ("cy", "Bore da, dyma fy llais."),
    ("da", "God morgen, dette er min stemme."),
    ("de", "Guten Morgen, das ist meine Stimme."),
    ("el", "Καλημέρα, αυτή είναι η φωνή μου."),
    ("en", "Good morning, this is my voice. How do you like it?"),
    ("es", "Buenos días, esta es mi voz."),
    ("fi", "Hyvää huomenta, tämä on minun ääneni."),
    ("fr", "Bonjour, voici ma voix."),
    ("hu", "Jó reggelt, ez az én hangom."),
    ("is", "Góðan daginn, þetta er röddin mín."),
    ("it", "Buongiorno, questa è la mia voce."),
    ("lv", "Labrīt, šī ir mana balss."),
    ("nl", "Goedemorgen, dit is mijn stem."),
    ("no", "God morgen, dette er stemmen min."),
    ("pl", "Dzień dobry, to jest mój głos."),
    ("pt", "Bom dia, esta é a minha voz."),
    ("ro", "Bună dimineața, aceasta este vocea mea."),
    ("ru", "Доброе утро, это мой голос."),
    ("sk", "Dobré ráno, toto je môj hlas."),
    ("sl", "Dobro jutro, to je moj glas."),
    ("sr", "Добро јутро, ово је мој глас."),
    ("sv", "God morgon, det här är min röst."),
    ("tr", "Günaydın, bu benim sesim."),
    ("uk", "Доброго ранку, це мій голос."),
    ("vi", "Xin chào, đây là giọng nói của tôi."),
    ("zh", "早上好，这是我的声音。"),
];

/// Returns a sentence in a language. For other languages, returns numbers, which
/// every voice reads in its own language.
pub(super) fn sample_sentence(family: &str) -> &'static str {
    // `en-us`, if only the name of espeak-ng is known.
    let family = family.split(['-', '_']).next().unwrap_or_default();
    let known = SENTENCES.iter().find(|(code, _)| *code == family);
    known.map_or("1, 2, 3, 4, 5, 6, 7.", |(_, sentence)| sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_its_sentence() {
        assert!(sample_sentence("de").starts_with("Guten"));
        assert_eq!(sample_sentence("en-us"), sample_sentence("en"));
        assert!(sample_sentence("xx").starts_with('1'));
    }
}
