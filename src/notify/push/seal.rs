//! Sealing a message so that only one browser reads it: RFC 8291 over RFC 8188, one record. Key agreement, cipher and
//! randomness are ring's; what is here is the order in which the standard has them.

use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::error::Unspecified;
use ring::hmac::{Context, HMAC_SHA256, Key};
use ring::rand::{SecureRandom as _, SystemRandom};

/// The record size that is announced; the one record is shorter.
const RECORD: u32 = 4096;
/// Every message is filled up to this, so that its length tells nothing.
const FILLED: usize = 512;

/// The message for a browser's public key and secret.
///
/// # Errors
/// A key that is none.
pub fn seal(browser: &[u8], secret: &[u8], message: &[u8]) -> Result<Vec<u8>, Unspecified> {
    let random = SystemRandom::new();
    let own = EphemeralPrivateKey::generate(&ECDH_P256, &random)?;
    let public = own.compute_public_key()?;
    let mut salt = [0; 16];
    random.fill(&mut salt)?;
    let to = UnparsedPublicKey::new(&ECDH_P256, browser);
    agree_ephemeral(own, &to, |shared| encrypt(shared, secret, (browser, public.as_ref()), &salt, message, FILLED))?
}

fn encrypt(
    shared: &[u8],
    secret: &[u8],
    (browser, own): (&[u8], &[u8]),
    salt: &[u8; 16],
    message: &[u8],
    filled: usize,
) -> Result<Vec<u8>, Unspecified> {
    let input = expand(&mac(secret, &[shared]), &[b"WebPush: info\0", browser, own]);
    let root = mac(salt, &[&input]);
    let (key, nonce) =
        (expand(&root, &[b"Content-Encoding: aes128gcm\0"]), expand(&root, &[b"Content-Encoding: nonce\0"]));
    let mut record = message.to_vec();
    record.push(2); // the last record; zeros after it are filling
    record.resize(record.len().max(filled), 0);
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key[..16])?);
    let nonce = Nonce::try_assume_unique_for_key(&nonce[..12])?;
    key.seal_in_place_append_tag(nonce, Aad::empty(), &mut record)?;
    let length = u8::try_from(own.len()).map_err(|_| Unspecified)?;
    Ok([salt.as_slice(), &RECORD.to_be_bytes(), &[length], own, &record].concat())
}

/// HMAC-SHA-256; with a salt for a key it is HKDF's extraction (RFC 5869).
fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Context::with_key(&Key::new(HMAC_SHA256, key));
    parts.iter().for_each(|part| mac.update(part));
    mac.sign().as_ref().try_into().expect("HMAC-SHA256 has 32 bytes")
}

/// HKDF's expansion to at most one block.
fn expand(key: &[u8; 32], info: &[&[u8]]) -> [u8; 32] {
    let mut parts = info.to_vec();
    parts.push(&[1]);
    mac(key, &parts)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    #[test]
    fn the_example_of_the_standard_comes_out_as_printed() {
        // RFC 8291, section 5 and appendix A.
        let own = bytes("BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8");
        let browser = bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4");
        let salt: [u8; 16] = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
        let secret = bytes("BTBZMqHH6r4Tts7J_aSIgg");
        let shared = bytes("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs");
        let message = b"When I grow up, I want to be a watermelon";
        let sealed = encrypt(&shared, &secret, (&browser, &own), &salt, message, 0).unwrap();
        assert_eq!(
            URL_SAFE_NO_PAD.encode(sealed),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl\
             7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
    }

    #[test]
    fn lengths_tell_nothing_and_a_key_that_is_none_is_refused() {
        let own = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).unwrap();
        let browser = own.compute_public_key().unwrap();
        let length = |message: &[u8]| seal(browser.as_ref(), &[7; 16], message).unwrap().len();
        assert_eq!(length(b"a"), length(&[b'a'; 300]));
        assert!(seal(&[4; 65], &[7; 16], b"a").is_err());
    }
}
