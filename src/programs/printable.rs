//! The address of a database as it may be printed: without its password, however it is written.

/// The parts that are printed. All others are left out: what holds a secret is not looked for.
const PRINTED: [&str; 5] = ["host", "hostaddr", "port", "dbname", "user"];

/// The address without its secrets; `None` when it cannot be told for sure what they are, as where a
/// password has characters in it that end one.
pub(super) fn printable(address: &str) -> Option<String> {
    let of_scheme = |scheme| Some((scheme, address.strip_prefix(scheme)?));
    match ["postgresql://", "postgres://"].into_iter().find_map(of_scheme) {
        Some((scheme, rest)) => Some(format!("{scheme}{}", of_uri(rest)?)),
        None => of_pairs(address),
    }
}

/// `user:password@host:port,host:port/database?name=value&name=value`, taken apart like PostgreSQL does.
fn of_uri(text: &str) -> Option<String> {
    if !is_well_encoded(text) {
        return None;
    }
    let before_slash = text.split('/').next()?;
    let (user, rest) = match before_slash.split_once('@') {
        Some((user, _)) => (user.split(':').next(), &text[user.len() + 1..]),
        None => (None, text),
    };
    let (place, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let (hosts, database) = place.split_once('/').unwrap_or((place, ""));
    if !hosts.split(',').all(has_port) || ![user.unwrap_or_default(), hosts, database].into_iter().all(is_plain) {
        return None;
    }
    let mut printed = Vec::new();
    for parameter in parameters.split('&').filter(|_| !parameters.is_empty()) {
        let (name, value) = parameter.split_once('=').filter(|(_, value)| !value.contains('='))?;
        if PRINTED.contains(&name) {
            printed.push(is_plain(value).then_some(parameter)?);
        }
    }
    let user = user.map(|user| format!("{user}@")).unwrap_or_default();
    let question_mark = if printed.is_empty() { "" } else { "?" };
    Some(format!("{user}{place}{question_mark}{}", printed.join("&")))
}

/// What is behind the colon is a port, or none: it may be a password without a host.
fn has_port(host: &str) -> bool {
    let behind = host.rsplit(']').next().unwrap_or_default();
    behind.split_once(':').is_none_or(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
}

/// PostgreSQL quotes what it cannot decode.
fn is_well_encoded(text: &str) -> bool {
    let is_code = |code: &str| code != "00" && code.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.split('%').skip(1).all(|part| part.get(..2).is_some_and(is_code))
}

/// `name=value name = 'a \'value\''`.
fn of_pairs(text: &str) -> Option<String> {
    let mut printed = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (name, behind) = rest.split_once('=')?;
        let name = name.trim_end();
        if name.is_empty() || name.contains(char::is_whitespace) {
            return None;
        }
        let behind = behind.trim_start();
        let (value, after) = behind.split_at(value_length(behind)?);
        if PRINTED.contains(&name) {
            printed.push(is_plain(value).then(|| format!("{name}={value}"))?);
        }
        rest = after.trim_start();
    }
    Some(printed.join(" "))
}

/// Up to the quote that ends a value which begins with one, else up to white space.
fn value_length(text: &str) -> Option<usize> {
    let quoted = text.starts_with('\'');
    let mut escaped = false;
    for (at, char) in text.char_indices().skip(usize::from(quoted)) {
        match char {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\'' if quoted => return Some(at + 1),
            _ if !quoted && char.is_whitespace() => return Some(at),
            _ => {}
        }
    }
    (!quoted).then_some(text.len())
}

/// Without a character that could be where a password begins or ends.
fn is_plain(text: &str) -> bool {
    text.chars().all(|char| char.is_alphanumeric() || "._-~%,:[]/' ".contains(char))
}
