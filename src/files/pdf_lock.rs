//! PDF: whether an encrypted file opens with the empty password, as files do that are only protected against changes
//! (ISO 32000-2, 7.6).

use std::io::{BufReader, Read, Seek};

use aes::Aes128;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use md5::Md5;
use rc4::{Rc4, StreamCipher};
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::damage::{Damage, Stop};
use super::pdf_search::objects;
use super::pdf_syntax::{Dictionary, reference};

/// What an absent password is padded with.
const PADDING: [u8; 32] = [
    0x28, 0xbf, 0x4e, 0x5e, 0x4e, 0x75, 0x8a, 0x41, 0x64, 0x00, 0x4e, 0x56, 0xff, 0xfa, 0x01, 0x08, 0x2e,
    0x2e, 0x00, 0xb6, 0xd0, 0x68, 0x3e, 0x80, 0x2f, 0x0c, 0xa9, 0xfe, 0x64, 0x53, 0x69, 0x7a,
];

/// Refuses a file that asks for a password or for a certificate. What cannot be understood is not refused.
pub(super) fn check<R: Read + Seek>(
    file: &mut BufReader<R>,
    trailer: &Dictionary<'_>,
    length: u64,
) -> Result<(), Stop> {
    let Some(value) = trailer.get(b"Encrypt") else { return Ok(()) };
    let text = match reference(value) {
        Some(reference) => objects(file, length, reference)?.into_iter().next().unwrap_or_default(),
        None => value.to_vec(),
    };
    let encryption = Dictionary::parse(&text);
    match encryption.get(b"Filter") {
        Some(b"/Standard") => {}
        Some(_) => return Err(Damage::PdfCertificate.into()),
        None => return Ok(()),
    }
    // Only the files attached to the document may be encrypted.
    let plain = |name: &[u8]| matches!(encryption.get(name), None | Some(b"/Identity"));
    if encryption.number(b"V").is_some_and(|version| version >= 4) && plain(b"StmF") && plain(b"StrF") {
        return Ok(());
    }
    let id = trailer.first_string(b"ID").unwrap_or_default();
    match opens_without_password(&encryption, &id) {
        Some(false) => Err(Damage::PdfPassword.into()),
        Some(true) | None => Ok(()),
    }
}

/// `None` if the dictionary lacks what is needed to tell.
fn opens_without_password(encryption: &Dictionary<'_>, id: &[u8]) -> Option<bool> {
    let revision = encryption.number(b"R")?;
    let user = encryption.string(b"U")?;
    if revision >= 5 {
        let expected = user.get(..32)?;
        let salt = user.get(32..40)?;
        let hash = if revision == 5 { Sha256::digest(salt).to_vec() } else { hardened(salt) };
        return Some(hash == expected);
    }
    let owner = encryption.string(b"O")?;
    // Written as a signed or as an unsigned number of 32 bits.
    let permissions = (encryption.number(b"P")? as u32).to_le_bytes();
    let mut first = Md5::new().chain_update(PADDING).chain_update(owner.get(..32)?);
    first.update(permissions);
    first.update(id);
    if revision >= 4 && encryption.get(b"EncryptMetadata") == Some(b"false") {
        first.update([0xff; 4]);
    }
    let first = first.finalize().to_vec();
    if revision == 2 {
        return Some(rc4(&first[..5], &PADDING) == user.get(..32)?);
    }
    // Writers give the length in bits or in bytes, or leave it out.
    let stated = encryption.number(b"Length").unwrap_or(40);
    let lengths = [stated / 8, stated, 16, 5];
    let mut lengths =
        lengths.into_iter().filter_map(|n| usize::try_from(n).ok()).filter(|n| (5..=16).contains(n));
    let expected = user.get(..16)?;
    Some(lengths.any(|length| {
        let mut key = first.clone();
        for _ in 0..50 {
            key = Md5::digest(&key[..length]).to_vec();
        }
        key.truncate(length);
        let mut made = Md5::new().chain_update(PADDING).chain_update(id).finalize().to_vec();
        for round in 0..20 {
            let key: Vec<u8> = key.iter().map(|byte| byte ^ round).collect();
            made = rc4(&key, &made);
        }
        made == expected
    }))
}

/// The hash of the empty password in revision 6 (ISO 32000-2, algorithm 2.B).
fn hardened(salt: &[u8]) -> Vec<u8> {
    let mut key = Sha256::digest(salt).to_vec();
    let mut round = 0;
    loop {
        let mut data = key.repeat(64);
        let last = encrypt_cbc(&key, &mut data);
        let sum: u32 = data.iter().take(16).map(|byte| u32::from(*byte)).sum();
        key = match sum % 3 {
            0 => Sha256::digest(&data).to_vec(),
            1 => Sha384::digest(&data).to_vec(),
            _ => Sha512::digest(&data).to_vec(),
        };
        round += 1;
        if round >= 64 && u32::from(last) + 32 <= round {
            key.truncate(32);
            return key;
        }
    }
}

/// AES-128 in CBC mode without padding: the first half of `key` is the key, the second the initial vector. Returns the
/// last byte.
fn encrypt_cbc(key: &[u8], data: &mut [u8]) -> u8 {
    let half = |at: usize| -> [u8; 16] { std::array::from_fn(|i| key.get(at + i).copied().unwrap_or(0)) };
    let cipher = Aes128::new(&Array(half(0)));
    let mut previous = half(16);
    for block in data.chunks_exact_mut(16) {
        let mut mixed = Array(std::array::from_fn(|i| block[i] ^ previous[i]));
        cipher.encrypt_block(&mut mixed);
        previous = mixed.0;
        block.copy_from_slice(&previous);
    }
    previous[15]
}

fn rc4(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut data = data.to_vec();
    if let Ok(mut cipher) = Rc4::new_from_slice(key) {
        cipher.apply_keystream(&mut data);
    }
    data
}
