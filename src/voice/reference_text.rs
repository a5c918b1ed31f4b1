//! The text that tells how loud a voice is.

use super::config::{PhonemeType, VoiceConfig};

/// Sentences as phonemes. What a voice does not know is left out.
type Sentences = [&'static str; 3];

/// By espeak-ng's name of the language, the special before the general: a village
/// wakes up to snow. Phonemes are embedded because voices are prepared without
/// espeak-ng.
const LANGUAGES: &[(&str, Sentences)] = &[
    (
        "en-gb",
        [
            "ɪnðə mˈɔːnɪŋ ɪt had snˈəʊd, and ðə tʃˈɪldɹən wɛnt dˌaʊn tə ðə ɹˈɪvə bɪfˌɔː skˈuːl.",
            "mˈəʊst əv ðə pˈiːpəl ɪnðə vˈɪlɪdʒ wˈɜːk ɪnðə fˈiːldz, ɔːɹ ɪnðə smˈɔːl fˈaktəɹi nˌiə ðə stˈeɪʃən.",
            "hiː sˈɛd ðˌatɪt wʊd tˈeɪk hˌɪm ɐbˌaʊt ɐn ˈaʊə, sˌəʊ wiː dɪsˈaɪdɪd tə wˈeɪt.",
        ],
    ),
    (
        "en",
        [
            "ɪnðə mˈɔːɹnɪŋ ɪt hæd snˈoʊd, ænd ðə tʃˈɪldɹən wɛnt dˌaʊn tə ðə ɹˈɪvɚ bᵻfˌoːɹ skˈuːl.",
            "mˈoʊst əv ðə pˈiːpəl ɪnðə vˈɪlɪdʒ wˈɜːk ɪnðə fˈiːldz, ɔːɹ ɪnðə smˈɔːl fˈæktɚɹi nˌɪɹ ðə stˈeɪʃən.",
            "hiː sˈɛd ðˌɐɾɪt wʊd tˈeɪk hˌɪm ɐbˌaʊt ɐn ˈaʊɚ, sˌoʊ wiː dᵻsˈaɪdᵻd tə wˈeɪt.",
        ],
    ),
    (
        "de",
        [
            "am mˈɔɾɡən hˌatə ɛs ɡəʃnˈaɪt, ʊnt diː kˈɪndɜ ɡˈɪŋən fˌɔɾ dɛɾ ʃˈuːlə tsʊm flˈʊs hɪnˈʊntɜ.",
            "diː mˈaɪstən lˈɔøtə ɪm dˈɔɾf ˈaɾbaɪtən aʊf deːn fˈɛldɜn ˌoːdɜ ɪn dɛɾ klˈaɪnən fabɾˈiːk am bˈɑːnhoːf.",
            "ɛɾ zˈɑːɡtə, das ɛs ˌɛtvɑː ˌaɪnə ʃtˈʊndə dˈaʊɜn vˌɛɾdə, ˈalzoː bəʃlˈɔsən viːɾ tsuː vˈaɾtən.",
        ],
    ),
    (
        "fr",
        [
            "lə matˈɛ̃, il avˈɛ nɛʒˈe, e lez ɑ̃fˈɑ̃ sˈɔ̃ dɛsɑ̃dˈy a la ʁivjˈɛʁ avˌɑ̃ lekˈɔl.",
            "la plypˌaʁ de ʒˈɑ̃ dy vilˈaʒ tʁavˈaj dɑ̃ le ʃˈɑ̃, u dɑ̃ la pətˈit yzˈin pʁɛ də la ɡˈaʁ.",
            "il a dˈi kə səlˌa pʁɑ̃dʁˈɛt ɑ̃viʁˈɔ̃ yn ˈœʁ, alˌɔʁ nuz avˈɔ̃ desidˈe datˈɑ̃dʁ.",
        ],
    ),
    (
        "es",
        [
            "poɾ la maɲˈana aβˈia neβˈaðo, i los nˈiɲos βaxˈaɾon al rˈio ˈantes ðe la eskwˈela.",
            "la mˌaʝoɾˈia ðe la xˈɛnte ðel pwˈeβlo tɾaβˈaxa en el kˈampo, o en la pekˈeɲa fˈaβɾika θˈeɾka ðe la ˌestaθjˈon.",
            "dˈixo ke tˌaɾðaɾˈia mˈas o mˈenos ˈuna ˈoɾa, asˈi ke ðˌeθiðˈimos ˌespeɾˈaɾ.",
        ],
    ),
    (
        "it",
        [
            "la matːˈina avˌeva nevikˈato, e i bambˈinɪ ʃˈezero al fjˈume prˈima dˌella skʊˈɔla.",
            "la madʒːˈor pˈarte dˌella dʒˈɛnte del paˈeze lavˈɔra nˈei kˈampɪ, o nˈella pˈikːola fˈabːrika vitʃˈino ˌalla statsiˈone.",
            "dˈisse ke tʃɪ sarˌɛbːe volˈuta tʃˈirka ʊnˈora, kozˈi detʃidˈɛmmo dɪ aspetːˈare.",
        ],
    ),
    (
        "pt",
        [
            "dɨ mɐ̃ɲˈɐ̃ tˌiɲɐ nˌevˈadʊ, i ɐʃ kɹˌiˈɐ̃ŋsɐʒ dˌɨsˈeɾɐ̃ʊ̃ aʊ ʁˈiʊ ˈɐ̃ŋtɨʒ dɐ ʃkˈɔlɐ.",
            "ɐ maɪˈɔɹ pˈaɾətɨ dɐʃ pˌɨsˈoɐʒ d ˌɑldˈeɪɐ tɹˌɐbˈaʎɐ nʊ kˈɐ̃mpʊ, ˈow nɐ pˌekˈenɐ fˈabɹikɐ pˈɛɾətʊ dɐ ʃtɐsˈɐ̃ʊ̃.",
            "dˈisɨ kɨ lˌevɐɾˈiɐ sˈeɾəkɐ dɨ ˌumɐ ˈɔɾɐ, puɹ ˈisʊ dˌɨsidˈimʊz ʃpɨɾˈaɹ.",
        ],
    ),
    (
        "nl",
        [
            "ɪn də ˈɔxtənt hˈɑt hət ɣəsnˈeʊt, ɛn də kˈɪndərən ɣˈɪŋən vɔːr sxˈoːl naːr də rivˈir.",
            "də mˈeːstə mˈɛnsən ɪn hə tˈɔrp ʋˈɛrkən ɔp hət lˈɑnt, ɔf ɪn də klˈɛɪnə fɑbrˈik bɛɪ hət staːʃˈɔn.",
            "hɛɪ zˈɛɪ dɑt hət ˌɔnɣəvˈɪːr ən ˈyr zʌʊ dˈyrən, dɵs bəslˈoːtən ʋə tə ʋˈɑxtən.",
        ],
    ),
    (
        "pl",
        [
            "rˈanɔ spˈat ɕɲʲˈɛk, a dʑˈɛtɕi pˈɔʃwɨ pʃɛt ʃkˈɔwɔ̃ nad ʒˈɛkɛ.",
            "vʲˈɛŋkʃɔɕtɕ lˈudʑi vɛ fɕˈi pratsˈujɛ na pˈɔlax ˈalbɔ w mˈawɛj fabrˈɨtsɛ kˈɔwɔ stˈatsji.",
            "pɔvʲˈɛdʑaw, ʒˈɛ zˈajmʲɛ mu tɔː ɔkˈɔwɔ ɡɔdʑˈinɨ, vʲˈɛnts pˌɔstanɔvˈiliɕmˌɨ pɔtʃˈɛkatɕ.",
        ],
    ),
    (
        "ru",
        [
            "ˈutrʌm vˈypʌɭ sʲnʲˈek, ˈi dʲˈetʲɪ pʌʃɭʲˈɪ pʲirʲˈet ʃkˈoɭʌj kˈɑ rʲikʲˈe.",
            "bʌɭʃynstvˈo ɭʲudʲˈej v dʲirʲˈevnʲi rabˈotʌjit f pˈoɭʲi ˈɪɭʲɪ nə mˈɑɭʲinkʌj fˈɑbrʲikʲi ˈokʌɭʌ stˈɑntsyɪ.",
            "ˈon skazˈɑɭ, ʃto ˈɛtʌ zajmʲˈɵt ˈokʌɭʌ tʃʲˈɑsa, ˈi mˈy rʲiʃˈyɭʲɪ pʌdʌʒdˈɑtʲ.",
        ],
    ),
    (
        "uk",
        [
            "vrˈɑntsi vˈipaf snˈih, ˈi dˈiti pˈiʃɭi pˈerid ʃkʌɭˈoju dˈo rˈitʃʲki.",
            "bˈiɭʃist ɭˈjudij ˈu sˈeɭi pratsˈjui f pˈoɭi ˈɑbʌ nˈɑ maɭˈenkij fabrˈitsi bˈiɭja stantsˈii.",
            "vˈin skˈɑzav, ɕˈo tsˈɛ zˈɑjmi bɭˈizkʌ hʌdˈini, ˈi mˈi virˈiʃiɭi pʌtʃʲˈekati.",
        ],
    ),
    (
        "sv",
        [
            "poː mˈɔrɡɔnən hˌadɛ deːt snˈøːat, ɔk bˈɑːrnən jˈɪk nˈeːr tɪl flˈuːdən fˈøːrə skˈuːlan.",
            "deː flˈɛsta iː bˈyːn ˈarbeːtˌar poː fˈɛltən, ˌɛlər iː dɛn lˈɪla fˈabriːkən nˈɛːra stasxˈuːnən.",
            "han sˈa at deːt skˌɵlə tˈɑː ˈɵŋəfˌɛːr ɛn tˈɪmə, sˈoː viː bəstˈɛmdə ˈɔs føːr at vˈɛnta.",
        ],
    ),
    (
        "tr",
        [
            "sabˈah kˈar jaːmɯʃtˈɯ vɛ tʃodʒʊkɫˈar okʊɫdˈan ˈœndʒɛ nɛhrˈɛ ɪndilˈɛr.",
            "kœjdekˈɪ ɪnsanɫaɾˈɯn tʃoːˈʊ tarɫaɫardˈa jˈa da ɪstasjonˈʊn janɯndakˈɪ kytʃˈøk fabrikadˈa tʃaɫɯʃˈɯjɔr.",
            "jakɫaʃˈɯk bɪr saˈat syɾedʒejinˈɪ sˈœjledɪ, bɪz dɛ bɛklˈemejɛ kaɾˈar vɛrdˈɪk.",
        ],
    ),
];

/// For other languages: open, stressed syllables of sounds that nearly every
/// language has. They are about as loud as prose.
const ANY_LANGUAGE: Sentences = [
    "tˈa mˈe nˈi sˈo lˈu, bˈa dˈe kˈi pˈo fˈu.",
    "nˈa lˈe mˈi tˈo pˈu, sˈa kˈe dˈi fˈo bˈu, lˈa mˈe sˈi kˈo nˈu.",
    "kˈa bˈe tˈi nˈo mˈu, pˈa fˈe lˈi sˈo dˈu.",
];

/// For voices that were trained on letters, in the alphabet of most of them.
const CYRILLIC_LETTERS: Sentences = [
    "вранці випав сніг, і діти пішли перед школою до річки.",
    "більшість людей у селі працює в полі або на маленькій фабриці біля станції.",
    "він сказав, що це займе близько години, і ми вирішили почекати.",
];

const PINYIN: Sentences = [
    "zao3shang5xia4le5da4xue3，hai2zi5men5qu4le5he2bian1。",
    "cun1li5de5da4duo1shu4ren2zai4tian2li5gong1zuo4，huo4zhe3zai4xiao3gong1chang3gong1zuo4。",
    "ta1shuo1zhe4da4gai4hua1qu4ban4tian1，suo3de5jiu4deng3zhe5。",
];

/// Returns the sentences to measure a voice with, as phonemes.
pub(super) fn sentences(config: &VoiceConfig) -> Sentences {
    match config.phoneme_type {
        PhonemeType::Espeak => of_language(&config.espeak_voice),
        PhonemeType::Text if config.phoneme_id_map.contains_key("і") => CYRILLIC_LETTERS,
        PhonemeType::Text => ANY_LANGUAGE,
        PhonemeType::Pinyin => PINYIN,
    }
}

/// A text whose loudness tells about that of the [`sentences`] must have so many characters,
/// some 1.5 seconds of speech.
const MIN_OPENING_CHARS: usize = 20;

/// Returns the beginning of the first sentence, as a sentence of its own: about 1.5 seconds of
/// speech, or all of it.
pub(super) fn opening(config: &VoiceConfig) -> String {
    opening_of(sentences(config)[0])
}

fn opening_of(sentence: &str) -> String {
    let mut commas = sentence.char_indices().enumerate();
    let end = commas.find_map(|(n, (at, mark))| {
        (matches!(mark, ',' | '，') && n >= MIN_OPENING_CHARS).then_some(at)
    });
    match end {
        Some(end) => format!("{}.", &sentence[..end]),
        None => sentence.to_owned(),
    }
}

fn of_language(espeak_voice: &str) -> Sentences {
    let speaks = |code: &str| {
        let variant = espeak_voice.strip_prefix(code);
        variant.is_some_and(|variant| variant.is_empty() || variant.starts_with('-'))
    };
    let found = LANGUAGES.iter().find(|(code, _)| speaks(code));
    found.map_or(ANY_LANGUAGE, |(_, sentences)| *sentences)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_has_the_text_of_its_nearest_relative() {
        let begins = |voice, with| of_language(voice)[1].starts_with(with);
        assert!(begins("en-us", "mˈoʊst") && begins("en", "mˈoʊst"));
        assert!(begins("en-gb", "mˈəʊst") && begins("en-gb-scotland", "mˈəʊst"));
        assert!(begins("es-419", "la mˌaʝo") && begins("pt-br", "ɐ maɪ"));
        for other in ["est", "eo", "", "vi"] {
            assert_eq!(of_language(other), ANY_LANGUAGE, "{other}");
        }
    }

    #[test]
    fn an_opening_ends_at_a_comma_and_is_not_too_short() {
        let opening = |voice| opening_of(of_language(voice)[0]);
        assert_eq!(opening("en"), "ɪnðə mˈɔːɹnɪŋ ɪt hæd snˈoʊd.");
        assert_eq!(opening("fr"), "lə matˈɛ̃, il avˈɛ nɛʒˈe.");
        assert_eq!(opening_of(PINYIN[0]), "zao3shang5xia4le5da4xue3.");
        let others = LANGUAGES.iter().map(|(_, sentences)| sentences);
        for [first, ..] in others.chain([&ANY_LANGUAGE, &CYRILLIC_LETTERS]) {
            let n_chars = opening_of(first).chars().count();
            assert!((MIN_OPENING_CHARS..100).contains(&n_chars), "{first}");
        }
    }
}
