//! Characters that do not belong into a name.

/// It does something to the text around it instead of being seen: control characters, and those that turn the direction
/// of what follows, which would make a page read backwards. Marks that only say how a word of its own is written are none.
pub fn is_disturbing(character: char) -> bool {
    character.is_control() || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
