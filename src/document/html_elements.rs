//! The elements of HTML: which are not read, which are blocks.

/// What an element means for a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Not read, with all that is in it.
    Hidden,
    Block,
    Heading(u8),
    /// `ul`, `ol`.
    List,
    /// `li`, `dt`, `dd`: a line.
    Item,
    Row,
    Cell,
    /// Its lines stay lines.
    Preformatted,
    Inline,
}

pub(super) fn role(name: &str) -> Role {
    match name {
        "h1" => Role::Heading(1),
        "h2" => Role::Heading(2),
        "h3" => Role::Heading(3),
        "h4" => Role::Heading(4),
        "h5" => Role::Heading(5),
        "h6" => Role::Heading(6),
        "ul" | "ol" | "menu" | "dir" => Role::List,
        "li" | "dt" | "dd" | "summary" => Role::Item,
        "tr" => Role::Row,
        "td" | "th" => Role::Cell,
        "pre" | "listing" => Role::Preformatted,
        "address" | "article" | "aside" | "blockquote" | "body" | "caption" | "center"
        | "details" | "dialog" | "div" | "dl" | "fieldset" | "figcaption" | "figure" | "form"
        | "header" | "hgroup" | "html" | "legend" | "main" | "p" | "section" | "table"
        | "tbody" | "tfoot" | "thead" => Role::Block,
        // Not the text of the document: code, navigation, forms, alternatives for old
        // browsers, the readings of ruby characters.
        "audio" | "button" | "canvas" | "datalist" | "footer" | "head" | "iframe" | "map"
        | "math" | "nav" | "noembed" | "noframes" | "noscript" | "object" | "rp" | "rt"
        | "script" | "select" | "style" | "svg" | "template" | "textarea" | "title" | "video" => {
            Role::Hidden
        }
        _ => Role::Inline,
    }
}

/// Returns whether an element has no content and no end tag.
pub(super) fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "basefont"
            | "bgsound"
            | "br"
            | "col"
            | "embed"
            | "frame"
            | "hr"
            | "img"
            | "input"
            | "keygen"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Returns whether HTML has an element of this name.
pub(super) fn is_known(name: &str) -> bool {
    is_void(name) || role(name) != Role::Inline || INLINE.contains(&name)
}

/// Returns whether an element may be left open, so that it is used without an end tag.
pub(super) fn may_be_left_open(name: &str) -> bool {
    matches!(
        name,
        "body"
            | "br"
            | "dd"
            | "dt"
            | "head"
            | "hr"
            | "html"
            | "li"
            | "p"
            | "rp"
            | "rt"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "wbr"
    )
}

/// Elements within a line.
const INLINE: [&str; 48] = [
    "a",
    "abbr",
    "acronym",
    "b",
    "bdi",
    "bdo",
    "big",
    "blink",
    "cite",
    "code",
    "colgroup",
    "data",
    "del",
    "dfn",
    "em",
    "font",
    "frameset",
    "i",
    "ins",
    "kbd",
    "label",
    "mark",
    "marquee",
    "meter",
    "nobr",
    "optgroup",
    "option",
    "output",
    "plaintext",
    "progress",
    "q",
    "rb",
    "rtc",
    "ruby",
    "s",
    "samp",
    "search",
    "slot",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "time",
    "tt",
    "u",
    "var",
];

/// Returns whether an element may be in `head`.
pub(super) fn is_of_head(name: &str) -> bool {
    matches!(
        name,
        "base"
            | "basefont"
            | "bgsound"
            | "head"
            | "link"
            | "meta"
            | "noframes"
            | "noscript"
            | "script"
            | "style"
            | "template"
            | "title"
    )
}

/// What the start of an element ends: elements whose end tag may be left out, and
/// the elements beyond which they are not looked for.
pub(super) fn ended_by(name: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match name {
        "li" => (&["li"], &["ul", "ol", "menu", "dir", "table"]),
        "dt" | "dd" => (&["dt", "dd"], &["dl", "table"]),
        "tr" => (&["tr", "td", "th"], &["table"]),
        "td" | "th" => (&["td", "th"], &["tr", "table"]),
        "tbody" | "thead" | "tfoot" => (&["tr", "td", "th", "tbody", "thead", "tfoot"], &["table"]),
        _ => match role(name) {
            Role::Block | Role::Heading(_) | Role::List | Role::Preformatted => (
                &["p"],
                &[
                    "article",
                    "aside",
                    "blockquote",
                    "body",
                    "button",
                    "caption",
                    "dd",
                    "div",
                    "dt",
                    "figure",
                    "li",
                    "main",
                    "section",
                    "table",
                    "td",
                    "th",
                ],
            ),
            _ => (&[], &[]),
        },
    }
}

/// Classes of what is no text: links that jump, edit buttons, numbers of pages.
pub(super) const HIDDEN_CLASSES: [&str; 9] = [
    "anchorjs-link",
    "headerlink",
    "mw-editsection",
    "noprint",
    "pagenum",
    "screen-reader-skip",
    "skip-link",
    "skip-to-content",
    "toc",
];

/// Classes of blocks of code.
pub(super) const CODE_CLASSES: [&str; 6] = [
    "code",
    "code-block",
    "highlight",
    "programlisting",
    "sourceCode",
    "src",
];

/// Words in the address of a badge: a small picture of a state.
const BADGES: [&str; 12] = [
    "appveyor.com",
    "badge",
    "badgen.net",
    "circleci.com",
    "codecov.io",
    "coveralls.io",
    "deps.rs",
    "docs.rs",
    "shields.io",
    "snyk.io",
    "travis-ci",
    "workflows/",
];

/// Returns whether a picture is a badge.
pub(super) fn is_badge(address: &str) -> bool {
    BADGES.iter().any(|word| address.contains(word))
}

/// Returns whether an alternative text is only the name of a file.
pub(super) fn is_file_name(alternative: &str) -> bool {
    let suffix = alternative.rsplit_once('.').map(|(_, suffix)| suffix);
    let suffix = suffix.unwrap_or_default().to_ascii_lowercase();
    !alternative.contains(' ')
        && matches!(
            suffix.as_str(),
            "png" | "jpg" | "jpeg" | "gif" | "svg" | "webp" | "avif"
        )
}
