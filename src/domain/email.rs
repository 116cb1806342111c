//! What an e-mail address is: what mail can be sent to.

use lettre::Address;
use lettre::message::Mailboxes;

/// Can mail be sent to it? The mailer makes an address of it, and reads it again from the header of a mail.
pub fn is_sendable(email: &str) -> bool {
    let (Ok(address), Ok(header)) = (email.parse::<Address>(), email.parse::<Mailboxes>()) else { return false };
    header.into_iter().map(|mailbox| mailbox.email).eq([address])
}
