//! Characters that do not belong into a name.

/// It turns the direction of what follows, which would make a page read backwards. Copied along from other programs without
/// being seen. Marks that only say how a word of its own is written are none of these.
fn turns_text(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// It does something to the text around it instead of being seen.
pub fn is_disturbing(character: char) -> bool {
    character.is_control() || turns_text(character)
}

/// The text without what turns the text around it.
pub fn straight(text: &str) -> String {
    text.chars().filter(|character| !turns_text(*character)).collect()
}
