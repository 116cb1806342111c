//! The invariants of ARCHITECTURE.md, as far as a look at the files can tell.

use std::fs;
use std::path::{Path, PathBuf};

fn files(under: &str, endings: &[&str]) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found: Vec<PathBuf> = walkdir::WalkDir::new(root.join(under))
        .into_iter()
        .map(|entry| entry.expect("a readable folder").into_path())
        .filter(|path| path.extension().is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted)))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "{under} has no such files");
    found
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(root).expect("a file of this project").display().to_string();
            (name, fs::read_to_string(&path).expect("a readable file"))
        })
        .collect()
}

/// Lines that contain one of the words, as `file:line`.
fn lines_with(files: &[(String, String)], words: &[&str]) -> Vec<String> {
    files
        .iter()
        .flat_map(|(name, text)| {
            text.lines()
                .enumerate()
                .filter(|(_, line)| words.iter().any(|word| line.contains(word)))
                .map(move |(number, line)| format!("{name}:{}: {}", number + 1, line.trim()))
        })
        .collect()
}

#[test]
fn the_domain_knows_no_database_no_web_no_clock_and_no_environment() {
    let reached = lines_with(
        &files("src/domain", &["rs"]),
        &[
            "diesel",
            "actix",
            "askama",
            "std::env",
            "std::fs",
            "std::net",
            "Utc::now",
            "Local::now",
            "SystemTime",
            "crate::db",
            "crate::web",
            "crate::features",
        ],
    );
    assert!(reached.is_empty(), "{reached:#?}");
}

#[test]
fn a_feature_calls_only_the_queries_of_another() {
    // and what is made to be shared: a field of forms, what changes do to licenses in words, the hashing of passwords
    let shared = [("accounts", "organisation_field"), ("enrolments", "words"), ("sign_in", "hashing")];
    let mut reached = Vec::new();
    for (name, text) in files("src/features", &["rs"]) {
        let own = name.split('/').nth(2).expect("a feature's folder").trim_end_matches(".rs");
        for line in text.lines() {
            let Some((_, rest)) = line.split_once("crate::features::") else { continue };
            let mut path =
                rest.split(|char: char| !char.is_ascii_alphanumeric() && char != '_').filter(|part| !part.is_empty());
            let (feature, module) = (path.next().unwrap_or_default(), path.next().unwrap_or_default());
            if feature != own && !module.starts_with("queries") && !shared.contains(&(feature, module)) {
                reached.push(format!("{name}: {line}"));
            }
        }
    }
    assert!(reached.is_empty(), "{reached:#?}");
}

#[test]
fn sql_lives_in_queries_commands_the_database_and_the_jobs() {
    let screens: Vec<_> = files("src/features", &["rs"])
        .into_iter()
        .filter(|(name, _)| ["handlers", "pages"].iter().any(|part| name.contains(part)))
        .collect();
    let mut reached = lines_with(&screens, &["diesel", "sql_query", "prepared(", "schema::"]);
    // to hand it over
    reached.retain(|line| !line.ends_with("use diesel::PgConnection;"));
    assert!(reached.is_empty(), "{reached:#?}");
}

#[test]
fn only_sessions_and_jobs_write_without_an_audit_entry() {
    let reached: Vec<_> = lines_with(&files("src", &["rs"]), &[".maintain("])
        .into_iter()
        .filter(|line| !line.starts_with("src/web/session.rs") && !line.starts_with("src/jobs/"))
        .collect();
    assert!(reached.is_empty(), "{reached:#?}");
}

/// Texts that are the name of an action, like `user.signed_in`, as `file: name`.
fn actions_in(under: &str) -> Vec<(String, String)> {
    let part = |text: &str| !text.is_empty() && text.chars().all(|char| char.is_ascii_lowercase() || char == '_');
    let past = ["ed", "en", "set", "sent", "undone", "_in", "_out", "begun", "drawn"];
    let is_action = |text: &str| {
        let parts = text.split_once('.');
        parts.is_some_and(|(noun, verb)| part(noun) && part(verb) && past.iter().any(|end| verb.ends_with(end)))
    };
    files(under, &["rs"])
        .iter()
        .filter(|(name, _)| name != "src/web/audit_words.rs")
        .flat_map(|(name, text)| {
            let texts = text.lines().flat_map(|line| line.split('"').skip(1).step_by(2));
            texts.filter(|text| is_action(text)).map(|text| (name.clone(), text.to_owned())).collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn every_action_of_the_audit_log_has_words_and_every_word_an_action() {
    let known: Vec<&str> = headroom::web::audit_words::ACTIONS.iter().map(|(name, _)| *name).collect();
    let written = actions_in("src");
    let unknown: Vec<_> = written
        .iter()
        .chain(&actions_in("tests"))
        .filter(|(_, action)| !known.contains(&action.as_str()))
        .cloned()
        .collect();
    assert!(unknown.is_empty(), "without words: {unknown:#?}");
    let idle: Vec<_> = known.iter().filter(|name| !written.iter().any(|(_, action)| action == *name)).collect();
    assert!(idle.is_empty(), "nothing writes these: {idle:#?}");
}

#[test]
fn templates_have_nothing_inline_and_trust_no_text() {
    let reached = lines_with(
        &files("templates", &["html"]),
        &["style=\"", "<style", "<script>", "onclick=", "|safe", "| safe", "http://", "https://"],
    );
    assert!(reached.is_empty(), "{reached:#?}");
}

#[test]
fn no_statement_is_put_together_from_text() {
    let reached =
        lines_with(&files("src", &["rs"]), &["sql_query(format!", "sql_query(&format!", "batch_execute(&format!"]);
    assert!(reached.is_empty(), "{reached:#?}");
}

#[test]
fn each_source_file_says_what_it_is_and_can_be_read_in_one_go() {
    for (name, text) in files("src", &["rs"]) {
        if name == "src/schema.rs" {
            continue;
        }
        assert!(text.starts_with("//!"), "{name} has no heading");
        assert!(text.lines().count() <= 400, "{name} is too long");
    }
}

#[test]
fn every_migration_goes_down_too() {
    for (name, _) in files("migrations", &["sql"]) {
        let other = if name.ends_with("up.sql") {
            name.replace("up.sql", "down.sql")
        } else {
            name.replace("down.sql", "up.sql")
        };
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(&other).exists(), "{other} is missing");
    }
}

#[test]
fn every_trap_of_an_import_has_the_test_that_the_page_names() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/import.md")).expect("the page");
    let (_, traps) = page.split_once("\n## Traps\n").expect("its traps");
    let named: Vec<&str> = traps
        .lines()
        .filter_map(|line| line.trim_end_matches(" |").rsplit_once(" | "))
        .flat_map(|(_, tests)| tests.split(", "))
        .filter_map(|test| test.strip_prefix('`')?.strip_suffix('`'))
        .collect();
    assert!(named.len() > 30, "{}", named.len());
    let tests = files("tests", &["rs"]);
    let missing: Vec<_> = named
        .iter()
        .filter(|name| !tests.iter().any(|(_, text)| text.contains(&format!("#[test]\nfn {name}()"))))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}
