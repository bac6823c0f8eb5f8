//! Remembers every row of a batch in memory: a fingerprint and a few bytes. A million rows take 32 MB while they are
//! filed (`cargo bench --bench batch_index` measures it).
//!
//! A table is a fixed number of buckets, each a sorted list that grows by a small fraction. So memory grows evenly, and
//! a table never exists together with a larger copy. Entries are bytes without padding.

use sha2::{Digest as _, Sha256};

/// Buckets of a table. A million rows make lists of 244 entries.
const BUCKETS: usize = 1 << BUCKET_BITS;
const BUCKET_BITS: u32 = 12;

/// Size of a stored number in bytes.
const NUMBER: usize = 5;

/// A stored number: a row, a count, or an offset in a journal. Larger numbers are stored as the largest one; no file is
/// that long.
pub type Number = [u8; NUMBER];

/// Numbers by digests. Eight bytes of the digest are stored, and the bucket represents twelve more bits: the
/// probability that two of a million rows are confused is 7 in 10^12.
pub type Numbers = Table<8, NUMBER>;

/// Offsets of lines by digests. The line is read and compared, so four bytes of the digest are enough.
pub type Offsets = Table<4, NUMBER>;

/// A set of digests. In a set of a million, the probability of a false match is 1 in 10^12.
pub type Digests = Table<6, 0>;

/// The digest of a key or a number.
pub fn digest(text: &str) -> u128 {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(16).fold(0, |number, byte| number << 8 | u128::from(*byte))
}

/// Packs a number. Packed numbers sort as the numbers do.
pub fn pack(number: u64) -> Number {
    let [.., a, b, c, d, e] = number.min((1 << (8 * NUMBER)) - 1).to_be_bytes();
    [a, b, c, d, e]
}

/// The number that was packed.
pub fn unpack(number: Number) -> u64 {
    let [a, b, c, d, e] = number;
    u64::from_be_bytes([0, 0, 0, a, b, c, d, e])
}

/// Values of `VALUE` bytes by digests, of which `FINGERPRINT` bytes are kept.
pub struct Table<const FINGERPRINT: usize, const VALUE: usize> {
    buckets: Vec<Vec<RowEntry<FINGERPRINT, VALUE>>>,
}

#[derive(Clone, Copy)]
struct RowEntry<const FINGERPRINT: usize, const VALUE: usize> {
    fingerprint: [u8; FINGERPRINT],
    value: [u8; VALUE],
}

impl<const FINGERPRINT: usize, const VALUE: usize> std::fmt::Debug for Table<FINGERPRINT, VALUE> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("entries", &self.len()).finish_non_exhaustive()
    }
}

impl<const FINGERPRINT: usize, const VALUE: usize> Default for Table<FINGERPRINT, VALUE> {
    fn default() -> Self {
        Self { buckets: vec![Vec::new(); BUCKETS] }
    }
}

impl<const FINGERPRINT: usize, const VALUE: usize> Table<FINGERPRINT, VALUE> {
    /// The number of entries.
    pub fn len(&self) -> usize {
        self.buckets.iter().map(Vec::len).sum()
    }

    /// Returns the value stored for a digest.
    pub fn get(&self, digest: u128) -> Option<[u8; VALUE]> {
        self.candidates(digest).next()
    }

    /// Returns the values that may belong to a digest, the one added last first.
    pub fn candidates(
        &self,
        digest: u128,
    ) -> impl Iterator<Item = [u8; VALUE]> + use<'_, FINGERPRINT, VALUE> {
        let (bucket, fingerprint) = place(digest);
        let bucket = &self.buckets[bucket];
        let end = bucket.partition_point(|entry| entry.fingerprint <= fingerprint);
        let same = bucket[..end].iter().rev().take_while(move |entry| entry.fingerprint == fingerprint);
        same.map(|entry| entry.value)
    }

    /// Stores a value for a digest and returns the previous one.
    pub fn put(&mut self, digest: u128, value: [u8; VALUE]) -> Option<[u8; VALUE]> {
        let (bucket, fingerprint) = place(digest);
        let bucket = &mut self.buckets[bucket];
        match bucket.binary_search_by_key(&fingerprint, |entry| entry.fingerprint) {
            Ok(at) => Some(std::mem::replace(&mut bucket[at].value, value)),
            Err(at) => {
                insert(bucket, at, RowEntry { fingerprint, value });
                None
            }
        }
    }

    /// Adds a value for a digest, keeping earlier ones.
    pub fn add(&mut self, digest: u128, value: [u8; VALUE]) {
        let (bucket, fingerprint) = place(digest);
        let bucket = &mut self.buckets[bucket];
        let at = bucket.partition_point(|entry| entry.fingerprint <= fingerprint);
        insert(bucket, at, RowEntry { fingerprint, value });
    }

    /// Returns all values, sorted, and frees the table.
    pub fn into_sorted_values(self) -> Vec<[u8; VALUE]> {
        let mut values = Vec::with_capacity(self.len());
        for bucket in self.buckets {
            values.extend(bucket.iter().map(|entry| entry.value));
        }
        values.sort_unstable();
        values
    }
}

/// The bucket of a digest, by its first bits, and the fingerprint, its last bytes.
fn place<const FINGERPRINT: usize>(digest: u128) -> (usize, [u8; FINGERPRINT]) {
    let bucket = usize::try_from(digest >> (128 - BUCKET_BITS)).unwrap_or(0);
    let bytes = digest.to_le_bytes();
    (bucket, std::array::from_fn(|n| bytes[n]))
}

/// Grows by 1/32 rather than doubling, because the spare capacity of all lists adds up.
fn insert<T>(list: &mut Vec<T>, at: usize, entry: T) {
    if list.len() == list.capacity() {
        list.reserve_exact((list.len() / 32).max(4));
    }
    list.insert(at, entry);
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn packed_numbers_sort_as_the_numbers_do() {
        let numbers = [0, 1, 255, 256, 70_000, (1 << 40) - 1];
        assert!(numbers.is_sorted_by_key(|number| pack(*number)));
        assert!(numbers.iter().all(|number| unpack(pack(*number)) == *number));
        assert_eq!(unpack(pack(u64::MAX)), (1 << 40) - 1);
    }

    #[test]
    fn little_is_spare() {
        let mut table = Numbers::default();
        for n in 0..400_000u64 {
            table.put(u128::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835), pack(n));
        }
        let bytes: usize =
            table.buckets.iter().map(|bucket| bucket.capacity() * size_of::<RowEntry<8, NUMBER>>()).sum();
        assert!(bytes < 400_000 * 14, "{bytes}");
    }

    proptest! {
        /// A table remembers what a map would.
        #[test]
        fn it_is_a_map(steps in prop::collection::vec(("[a-e]{1,2}", 0u64..9), 1..80)) {
            let mut table = Numbers::default();
            let mut map = HashMap::new();
            for (key, number) in steps {
                prop_assert_eq!(table.put(digest(&key), pack(number)).map(unpack), map.insert(key.clone(), number));
            }
            prop_assert_eq!(table.len(), map.len());
            for (key, number) in &map {
                prop_assert_eq!(table.get(digest(key)).map(unpack), Some(*number));
            }
            prop_assert_eq!(table.get(digest("f")), None);
            let mut expected: Vec<Number> = map.into_values().map(pack).collect();
            expected.sort_unstable();
            prop_assert_eq!(table.into_sorted_values(), expected);
        }

        /// Whatever is added is a candidate, the last one first.
        #[test]
        fn what_is_added_stays(steps in prop::collection::vec((0u128..9, 0u64..9), 1..80)) {
            let mut table = Offsets::default();
            let mut map: HashMap<u128, Vec<u64>> = HashMap::new();
            for (digest, number) in steps {
                table.add(digest << 124 | digest, pack(number));
                map.entry(digest).or_default().insert(0, number);
            }
            for (digest, numbers) in map {
                let found: Vec<u64> = table.candidates(digest << 124 | digest).map(unpack).collect();
                prop_assert_eq!(found, numbers);
            }
        }
    }
}
