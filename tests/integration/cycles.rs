//! No cycle of imports between the modules of one folder. A folder counts as
//! one module beside its siblings; a child may use its parent and the reverse.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::source::{Source, sources};

/// `["crate", "voice", "cache"]`; the program's begin with `cli`, the kernels' with
/// `native`.
type ModulePath = Vec<String>;

/// A module with the paths that it names.
struct Module {
    path: ModulePath,
    /// Every path that begins with `crate`, `self` or `super`, made absolute.
    named: Vec<ModulePath>,
    /// What it re-exports: the name, and the path of the original.
    exports: BTreeMap<String, ModulePath>,
}

impl Module {
    fn read(source: &Source) -> Self {
        let path = module_path(&source.name);
        let code: String = source.code().flat_map(|line| [line, "\n"]).collect();
        let named = ["crate", "self", "super"]
            .iter()
            .flat_map(|first| paths_from(&code, first))
            .map(|named| absolute(&path, &named))
            .collect();
        let exports = paths_after(&code, "use ")
            .into_iter()
            .filter(|(before, _)| before.ends_with("pub") || before.ends_with(')'))
            .filter_map(|(_, target)| Some((target.last()?.clone(), absolute(&path, &target))))
            .collect();
        Self {
            path,
            named,
            exports,
        }
    }
}

fn module_path(name: &str) -> ModulePath {
    let (package, file) = match name.split_once('/') {
        Some((package @ ("cli" | "native"), file)) => (package, file),
        _ => ("crate", name),
    };
    let segments = file.trim_end_matches(".rs").split('/');
    let own = segments.filter(|segment| !["mod", "lib", "main"].contains(segment));
    [package]
        .into_iter()
        .chain(own)
        .map(str::to_owned)
        .collect()
}

/// Returns `named`, as it is written in `module`, from the package's root.
fn absolute(module: &ModulePath, named: &[String]) -> ModulePath {
    let mut path = module.clone();
    for (n, segment) in named.iter().enumerate() {
        match segment.as_str() {
            "crate" if n == 0 => path.truncate(1),
            "self" => {}
            "super" => _ = path.pop(),
            _ => path.push(segment.clone()),
        }
    }
    path
}

/// Every path in `code` whose first segment is `first`.
fn paths_from(code: &str, first: &str) -> Vec<ModulePath> {
    let found = paths_after(code, &format!("{first}::"));
    let is_start =
        |before: &&str| !before.ends_with(|c: char| c.is_alphanumeric() || "_:$".contains(c));
    let found = found.into_iter().filter(|(before, _)| is_start(before));
    found
        .map(|(_, rest)| [vec![first.to_owned()], rest].concat())
        .collect()
}

/// For each `word` in `code`, what is before it and the paths of the `use` tree after it.
fn paths_after<'a>(code: &'a str, word: &str) -> Vec<(&'a str, ModulePath)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(word) {
        let mut paths = Vec::new();
        use_tree(&code[at + word.len()..], &[], &mut paths);
        let before = code[..at].trim_end_matches([' ', '\n']);
        let before = if word.ends_with("::") {
            &code[..at]
        } else {
            before
        };
        found.extend(paths.into_iter().map(|path| (before, path)));
    }
    found
}

/// Reads one `a::b::{c, d as e}`, adds its paths, and returns what follows it.
fn use_tree<'a>(text: &'a str, prefix: &[String], paths: &mut Vec<ModulePath>) -> &'a str {
    let text = text.trim_start();
    if let Some(mut inner) = text.strip_prefix('{') {
        loop {
            inner = inner.trim_start();
            match inner.strip_prefix(['}', ',']) {
                Some(rest) if inner.starts_with('}') => return rest,
                Some(rest) => inner = rest,
                None if inner.is_empty() => return inner,
                None => {
                    let rest = use_tree(inner, prefix, paths);
                    // `as name`, or what is no path at all.
                    inner = rest.trim_start_matches(|c| c != ',' && c != '}');
                }
            }
        }
    }
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let end = text.find(|c| !is_word(c)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let path = [prefix, &[name.to_owned()]].concat();
    match rest.strip_prefix("::") {
        Some(rest) => use_tree(rest, &path, paths),
        None => {
            paths.push(path);
            rest
        }
    }
}

/// The modules of one folder, and which of its siblings each imports.
type Imports = BTreeMap<ModulePath, BTreeSet<ModulePath>>;

fn imports(modules: &[Module]) -> Imports {
    let by_path: BTreeMap<_, _> = modules
        .iter()
        .map(|module| (&module.path, module))
        .collect();
    let mut imports = Imports::new();
    for module in modules {
        for named in &module.named {
            let Some(target) = defined_in(named, &by_path) else {
                continue;
            };
            let shared = module
                .path
                .iter()
                .zip(&target)
                .take_while(|(a, b)| a == b)
                .count();
            if shared < module.path.len() && shared < target.len() {
                let (from, to) = (&module.path[..=shared], &target[..=shared]);
                imports
                    .entry(from.to_vec())
                    .or_default()
                    .insert(to.to_vec());
            }
        }
    }
    imports
}

/// The module that defines what `named` names, past re-exports.
fn defined_in(named: &ModulePath, modules: &BTreeMap<&ModulePath, &Module>) -> Option<ModulePath> {
    let mut path = named.clone();
    // A name is re-exported a few times at most; a glob of itself would never end.
    for _ in 0..8 {
        let mut lengths = (1..=path.len()).rev();
        let at = lengths.find(|&length| modules.contains_key(&path[..length].to_vec()))?;
        let module = modules.get(&path[..at].to_vec())?;
        let original = path.get(at).and_then(|name| module.exports.get(name));
        match original {
            Some(original) if *original != path => {
                path = [original.as_slice(), &path[at + 1..]].concat();
            }
            _ => return Some(module.path.clone()),
        }
    }
    None
}

/// The shortest way from `start` back to itself.
fn cycle_through(start: &ModulePath, imports: &Imports) -> Option<Vec<String>> {
    let mut queue = VecDeque::from([vec![start.clone()]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = queue.pop_front() {
        for next in imports.get(way.last()?).into_iter().flatten() {
            if next == start {
                return Some(
                    way.iter()
                        .chain([start])
                        .map(|path| path.join("::"))
                        .collect(),
                );
            }
            if seen.insert(next) {
                queue.push_back([way.as_slice(), std::slice::from_ref(next)].concat());
            }
        }
    }
    None
}

#[test]
fn modules_of_one_folder_do_not_import_each_other_in_a_cycle() {
    let modules: Vec<_> = sources().iter().map(Module::read).collect();
    let imports = imports(&modules);
    assert!(imports.len() > 50, "{}", imports.len());
    let cycles: BTreeSet<_> = imports
        .keys()
        .filter_map(|module| cycle_through(module, &imports))
        .map(|mut cycle| {
            // The same circle, wherever one enters it.
            cycle.pop();
            let first = cycle.iter().enumerate().min_by_key(|(_, name)| *name);
            let first = first.map_or(0, |(at, _)| at);
            cycle.rotate_left(first);
            cycle.join(" → ")
        })
        .collect();
    assert!(
        cycles.is_empty(),
        "cycles of imports:\n{}",
        Vec::from_iter(cycles).join("\n")
    );
}

#[test]
fn use_trees_are_read_whole() {
    let code = "use crate::a::{b, c::{D, self}, e as f};\nlet x = crate::g::h(1);";
    let found: Vec<_> = paths_from(code, "crate")
        .iter()
        .map(|path| path.join("::"))
        .collect();
    let expected = [
        "crate::a::b",
        "crate::a::c::D",
        "crate::a::c::self",
        "crate::a::e",
        "crate::g::h",
    ];
    assert_eq!(found, expected);
}
