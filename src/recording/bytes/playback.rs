//! Playback tokens: a word in a media address that opens one take's files for a while, for players in frames where cookies
//! do not go. Checked without the database; worthless for any other take.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use subtle::ConstantTimeEq;

use crate::account::keys::Keys;
use crate::id::{RecordingId, TakeId};

/// How long a token opens what it opens: a working day and the evening after it.
pub const VALID: TimeDelta = TimeDelta::hours(12);

/// Tokens of the same hour are the same, so that an address does not change each time it is told.
const STEP: i64 = 3600;

/// When a token ends that is made at that moment: after [`VALID`], or up to an hour later.
#[must_use]
pub fn until(now: DateTime<Utc>) -> DateTime<Utc> {
    let after = now + VALID;
    after + TimeDelta::seconds(STEP - after.timestamp().rem_euclid(STEP))
}

/// Version of the token's form, its first byte.
const FORM: u8 = 1;
/// Bytes of the signature that are kept: 128 bits.
const MAC: usize = 16;

/// A token for the files of one take, good until `until`.
#[must_use]
pub fn mint(keys: &Keys, recording: RecordingId, take: TakeId, until: DateTime<Utc>) -> String {
    let until = until.timestamp();
    let mut token = vec![FORM];
    token.extend(until.to_be_bytes());
    token.extend(&sign(keys, recording, take, until)[..MAC]);
    URL_SAFE_NO_PAD.encode(token)
}

/// Whether the token opens that take's files now.
#[must_use]
pub fn opens(keys: &Keys, token: &str, recording: RecordingId, take: TakeId, now: DateTime<Utc>) -> bool {
    let Ok(token) = URL_SAFE_NO_PAD.decode(token) else { return false };
    let Some((&FORM, rest)) = token.split_first() else { return false };
    let Some((until, mac)) = rest.split_first_chunk::<8>() else { return false };
    let until = i64::from_be_bytes(*until);
    mac.len() == MAC && bool::from(mac.ct_eq(&sign(keys, recording, take, until)[..MAC])) && now.timestamp() < until
}

fn sign(keys: &Keys, recording: RecordingId, take: TakeId, until: i64) -> [u8; 32] {
    keys.sign("playback", &[&recording.0.as_bytes()[..], &take.0.as_bytes()[..], &until.to_be_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_token_opens_its_take_until_it_runs_out() {
        let keys = Keys::fixed([7; 32]);
        let (recording, take) = (RecordingId(Uuid::from_u128(1)), TakeId(Uuid::from_u128(2)));
        let now = DateTime::UNIX_EPOCH;
        let token = mint(&keys, recording, take, now + VALID);
        assert!(opens(&keys, &token, recording, take, now));
        assert!(!opens(&keys, &token, recording, take, now + VALID));
        assert!(!opens(&keys, &token, recording, TakeId(Uuid::from_u128(3)), now));
        assert!(!opens(&keys, &token, RecordingId(Uuid::from_u128(3)), take, now));
        assert!(!opens(&Keys::fixed([8; 32]), &token, recording, take, now));
        for broken in ["", "A", &token[1..], &format!("{token}AAAA")] {
            assert!(!opens(&keys, broken, recording, take, now), "{broken:?}");
        }
    }
}
