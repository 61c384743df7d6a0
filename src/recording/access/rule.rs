//! The rule itself: a pure table over who asks and what they hold.

/// Who asks, seen from the recording.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asker {
    /// Nobody signed in, or somebody of another organisation.
    Stranger,
    /// Whoever made it.
    Author,
    /// A member or administrator of the organisation.
    Member,
    /// A guest of the organisation.
    Guest {
        /// Whether it hangs in a project channel they were added to.
        sees_it_in_a_channel: bool,
    },
}

/// How a presented share link stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LinkState {
    /// Open to whoever holds it.
    Open,
    /// Open to whoever holds it and knows the password, which has not been given.
    Locked,
    /// For members only.
    Organisation,
    /// Revoked or run out.
    Ended,
}

/// By what right someone watches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// They made it.
    Author,
    /// They belong to the organisation.
    Member,
    /// They are a guest in a channel it hangs in.
    Guest,
    /// They hold a link.
    Link,
}

/// Why not.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Denied {
    /// It exists, for members: the neutral page with status 200, 401 elsewhere.
    #[error("sign in")]
    SignIn,
    /// The link asks for a password.
    #[error("a password is asked for")]
    Password,
    /// Ended, unknown, or not for this asker: the neutral page with status 404.
    #[error("gone")]
    Gone,
}

/// Whether `asker` may watch a recording that exists, holding a link in state `link` or only its own address.
pub fn rule(asker: Asker, link: Option<LinkState>) -> Result<By, Denied> {
    match (asker, link) {
        // A right of one's own needs no link, so a link that ended takes nothing away from a member.
        (Asker::Author, _) => Ok(By::Author),
        (Asker::Member, _) => Ok(By::Member),
        (Asker::Guest { sees_it_in_a_channel: true }, _) => Ok(By::Guest),
        (Asker::Stranger | Asker::Guest { .. }, Some(LinkState::Open)) => Ok(By::Link),
        (Asker::Stranger | Asker::Guest { .. }, Some(LinkState::Locked)) => Err(Denied::Password),
        (Asker::Stranger, Some(LinkState::Organisation) | None) => Err(Denied::SignIn),
        (Asker::Stranger, Some(LinkState::Ended)) => Err(Denied::Gone),
        // A guest is signed in already: telling them to sign in would lead nowhere.
        (Asker::Guest { .. }, Some(LinkState::Organisation | LinkState::Ended) | None) => Err(Denied::Gone),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_table_of_who_may_watch() {
        use Asker::{Author, Guest, Member, Stranger};
        use LinkState::{Ended, Locked, Open, Organisation};
        let inside = Guest { sees_it_in_a_channel: true };
        let outside = Guest { sees_it_in_a_channel: false };
        let holds = [None, Some(Open), Some(Locked), Some(Organisation), Some(Ended)];
        let (gone, sign_in, password) = (Err(Denied::Gone), Err(Denied::SignIn), Err(Denied::Password));
        let table = [
            (Author, [Ok(By::Author); 5]),
            (Member, [Ok(By::Member); 5]),
            (inside, [Ok(By::Guest); 5]),
            (outside, [gone, Ok(By::Link), password, gone, gone]),
            (Stranger, [sign_in, Ok(By::Link), password, sign_in, gone]),
        ];
        for (asker, answers) in table {
            for (link, answer) in holds.into_iter().zip(answers) {
                assert_eq!(rule(asker, link), answer, "{asker:?} holding {link:?}");
            }
        }
    }
}
