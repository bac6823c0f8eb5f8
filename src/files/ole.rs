//! OLE compound files (MS-CFB): detection of the content, and whether every used sector is present.
//!
//! The `cfb` crate reads such files too, but trusts their tables: a crafted table of 10 MB makes it allocate a
//! gigabyte. This small reader holds one number for each existing sector.

use std::io::{BufReader, Read, Seek, SeekFrom};

use super::damage::{Damage, Oddity, Outcome, Stop};
use super::kinds::{OleKind, Sniffed};

/// Sector numbers above this are markers: end of chain, free, table (MS-CFB 2.1).
const MAX_SECTOR: u32 = 0xffff_fffa;
const END_OF_CHAIN: u32 = 0xffff_fffe;
const FREE: u32 = 0xffff_ffff;
/// No sibling or child (MS-CFB 2.6.1).
const NO_ENTRY: u32 = 0xffff_ffff;

/// Larger containers are not inspected; the policy refuses them anyway.
const LOOK_INTO_AT_MOST: u64 = 256 * 1024 * 1024;

/// The class of a Windows Installer database: {000C1084-0000-0000-C000-000000000046}; patches and transforms are 1086
/// and 1082.
const INSTALLER_TAIL: [u8; 14] = [0x0c, 0x00, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46];

/// The relevant parts of a directory entry.
struct Entry {
    left: u32,
    right: u32,
    child: u32,
    start: u32,
    size: u64,
    sign: Sign,
    /// The name is spelled as Office spells it.
    usual: bool,
}

/// Names that identify the content of a container.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Word,
    Is(OleKind),
    None,
}

/// Detects the content of the container and whether its sectors are complete. The kind is reported even if they are
/// not, as long as the directory can be read.
pub(super) fn walk<R: Read + Seek>(file: &mut BufReader<R>, length: u64) -> Result<(Sniffed, Outcome), Stop> {
    if length > LOOK_INTO_AT_MOST {
        return Ok((Sniffed::OleOther(OleKind::Unknown), Ok(Vec::new())));
    }
    let mut header = [0; 512];
    file.seek(SeekFrom::Start(0))?;
    file.read_exact(&mut header)?;
    let mut container = Container::open(file, length, &header)?;
    let mut damage = None;
    let (kind, entries) = container.directory(u32_at(&header, 48), &mut damage)?;
    let outcome = match damage {
        Some(damage) => Err(damage),
        // Short streams are stored in a stream of their own, held by the root entry; this chain is its table.
        None => container.claim(u32_at(&header, 60), u64::from(u32_at(&header, 64)) * container.sector),
    };
    let document = match kind {
        Sniffed::OleDoc => top_level(&entries).find(|entry| entry.sign == Sign::Word),
        _ => None,
    };
    let Some(document) = document else { return Ok((kind, outcome.map(|()| Vec::new()))) };
    let oddities = if document.usual { Vec::new() } else { vec![Oddity::OleNames] };
    Ok((
        kind,
        match (outcome, container.word_header(document, &entries)?) {
            (Err(damage), _) | (Ok(()), Some(damage)) => Err(damage),
            (Ok(()), None) => Ok(oddities),
        },
    ))
}

struct Container<'a, R> {
    file: &'a mut BufReader<R>,
    length: u64,
    /// Sector size in bytes: 512 or 4096.
    sector: u64,
    /// Streams smaller than this are stored among the short ones.
    short: u64,
    /// The high half of stream sizes is undefined in version 3.
    version3: bool,
    /// For each sector that exists at least in part, the next sector in its chain.
    next: Vec<u32>,
    /// Sectors already in use by a chain.
    claimed: Vec<bool>,
}

impl<'a, R: Read + Seek> Container<'a, R> {
    fn open(file: &'a mut BufReader<R>, length: u64, header: &[u8; 512]) -> Result<Self, Stop> {
        let sector: u64 = match (u16_at(header, 26), u16_at(header, 30)) {
            (3, 9) => 512,
            (4, 12) => 4096,
            _ => return Err(Damage::OleStructure.into()),
        };
        let sectors = length.saturating_sub(sector).div_ceil(sector);
        // Fits, because it is bounded by LOOK_INTO_AT_MOST.
        let sectors = usize::try_from(sectors).map_err(|_| Damage::OleStructure)?;
        let mut container = Container {
            file,
            length,
            sector,
            short: u64::from(u32_at(header, 56)),
            version3: sector == 512,
            next: Vec::with_capacity(sectors),
            claimed: vec![false; sectors],
        };
        container.read_table(sectors, header)?;
        Ok(container)
    }

    /// Reads the sector table. Its own sectors are listed in the header and, for larger files, in a chain of sectors.
    fn read_table(&mut self, sectors: usize, header: &[u8; 512]) -> Result<(), Stop> {
        // The sector size is 512 or 4096, so this is 128 or 1024.
        let per_sector = (self.sector / 4) as usize;
        let wanted = sectors.div_ceil(per_sector);
        let listed = (u32_at(header, 44) as usize).max(1);
        let mut table: Vec<u32> = (0..109).map(|i| u32_at(header, 76 + 4 * i)).collect();
        let mut more = u32_at(header, 68);
        while table.len() < wanted.min(listed) && more <= MAX_SECTOR {
            let bytes = self.sector_bytes(more)?;
            self.claim_one(more)?;
            let numbers = bytes.chunks_exact(4).map(|b| u32_at(b, 0));
            table.extend(numbers.take(per_sector - 1));
            more = u32_at(&bytes, bytes.len() - 4);
        }
        for at in table.into_iter().take(wanted.min(listed)) {
            if at > MAX_SECTOR {
                break;
            }
            let bytes = self.sector_bytes(at)?;
            self.claim_one(at)?;
            let left = sectors - self.next.len();
            self.next.extend(bytes.chunks_exact(4).map(|b| u32_at(b, 0)).take(left));
        }
        self.next.resize(sectors, FREE);
        Ok(())
    }

    /// Returns the bytes of a sector.
    fn sector_bytes(&mut self, sector: u32) -> Result<Vec<u8>, Stop> {
        let start = (u64::from(sector) + 1) * self.sector;
        if start + self.sector > self.length {
            return Err(Damage::OleCut.into());
        }
        self.file.seek(SeekFrom::Start(start))?;
        let mut bytes = vec![0; self.sector as usize];
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// A sector may belong to one chain only; sharing would also allow endless loops.
    fn claim_one(&mut self, sector: u32) -> Result<(), Damage> {
        match self.claimed.get_mut(sector as usize) {
            Some(claimed) if *claimed => Err(Damage::OleStructure),
            Some(claimed) => {
                *claimed = true;
                Ok(())
            }
            None => Err(Damage::OleCut),
        }
    }

    /// Follows the chain of an object of `size` bytes; every byte must be in the file.
    fn claim(&mut self, start: u32, size: u64) -> Result<(), Damage> {
        let mut at = start;
        let mut left = size;
        while left > 0 {
            if at > MAX_SECTOR {
                return Err(Damage::OleStructure);
            }
            self.claim_one(at)?;
            let used = left.min(self.sector);
            if (u64::from(at) + 1) * self.sector + used > self.length {
                return Err(Damage::OleCut);
            }
            left -= used;
            at = self.next.get(at as usize).copied().unwrap_or(END_OF_CHAIN);
        }
        Ok(())
    }

    /// Checks the first bytes of the main stream: whether Word wrote it, and whether it is encrypted (MS-DOC 2.5.2).
    fn word_header(&mut self, document: &Entry, entries: &[Entry]) -> Result<Option<Damage>, Stop> {
        let start = if document.size >= self.short {
            (u64::from(document.start) + 1) * self.sector
        } else {
            // Short streams lie in units of 64 bytes in the stream of the root entry.
            let offset = u64::from(document.start) * 64;
            let mut sector = entries.first().map_or(END_OF_CHAIN, |root| root.start);
            for _ in 0..offset / self.sector {
                sector = self.next.get(sector as usize).copied().unwrap_or(END_OF_CHAIN);
            }
            (u64::from(sector) + 1) * self.sector + offset % self.sector
        };
        if start + 12 > self.length {
            return Ok(Some(Damage::OleCut));
        }
        self.file.seek(SeekFrom::Start(start))?;
        let mut head = [0; 12];
        self.file.read_exact(&mut head)?;
        // Word 97 and later, Word 6 and 95, and their editions for East Asia.
        if !matches!(u16_at(&head, 0), 0xa5ec | 0xa5dc | 0xa697..=0xa699) {
            return Ok(Some(Damage::DocHeader));
        }
        Ok((u16_at(&head, 10) & 0x0100 != 0).then_some(Damage::DocPassword))
    }

    /// Reads the directory, claims the sectors of every stream, and returns the kind of the container. The first damage
    /// of a stream is stored in `damage`; the directory itself must be complete.
    fn directory(&mut self, start: u32, damage: &mut Option<Damage>) -> Result<(Sniffed, Vec<Entry>), Stop> {
        let mut entries = Vec::new();
        let mut streams = Vec::new();
        let mut installer = false;
        let mut at = start;
        while at != END_OF_CHAIN {
            if at > MAX_SECTOR {
                return Err(Damage::OleStructure.into());
            }
            let bytes = self.sector_bytes(at)?;
            self.claim_one(at)?;
            for entry in bytes.chunks_exact(128) {
                let kind = entry[66];
                if entries.is_empty() {
                    if kind != 5 {
                        return Err(Damage::OleStructure.into());
                    }
                    installer = entry[82..96] == INSTALLER_TAIL
                        && matches!(entry[80], 0x82 | 0x84 | 0x86)
                        && entry[81] == 0x10;
                }
                let low = u64::from(u32_at(entry, 120));
                let high = if self.version3 { 0 } else { u64::from(u32_at(entry, 124)) };
                let (start, size) = (u32_at(entry, 116), high << 32 | low);
                if kind == 5 || kind == 2 && size >= self.short {
                    streams.push((start, size));
                }
                let (sign, usual) = if matches!(kind, 1 | 2) { sign(entry) } else { (Sign::None, true) };
                entries.push(Entry {
                    left: u32_at(entry, 68),
                    right: u32_at(entry, 72),
                    child: u32_at(entry, 76),
                    start,
                    size,
                    sign,
                    usual,
                });
            }
            at = self.next.get(at as usize).copied().unwrap_or(END_OF_CHAIN);
        }
        for (start, size) in streams {
            if damage.is_none() {
                *damage = self.claim(start, size).err();
            }
        }
        let kind = if installer { Sniffed::OleOther(OleKind::Installer) } else { kind(&entries) };
        Ok((kind, entries))
    }
}

/// Returns the entries directly under the root.
fn top_level(entries: &[Entry]) -> impl Iterator<Item = &Entry> {
    let mut seen = vec![false; entries.len()];
    let mut open: Vec<u32> = entries.first().map(|root| root.child).into_iter().collect();
    std::iter::from_fn(move || {
        while let Some(at) = open.pop() {
            let Some(entry) = entries.get(at as usize) else { continue };
            if at == NO_ENTRY || std::mem::replace(&mut seen[at as usize], true) {
                continue;
            }
            open.extend([entry.left, entry.right]);
            return Some(entry);
        }
        None
    })
}

/// Determines the kind from the names directly under the root. Deeper names belong to embedded objects: a spreadsheet
/// with an embedded letter is a spreadsheet.
fn kind(entries: &[Entry]) -> Sniffed {
    let mut found = Sign::None;
    for entry in top_level(entries) {
        match entry.sign {
            // Protection takes precedence, because the protected content is hidden.
            Sign::Is(OleKind::Encrypted) => return Sniffed::OleOther(OleKind::Encrypted),
            // Publisher keeps its text in its own storage, next to streams with names used by other programs.
            Sign::Is(OleKind::Publisher) => found = entry.sign,
            _ if found == Sign::None => found = entry.sign,
            _ => {}
        }
    }
    match found {
        Sign::Word => Sniffed::OleDoc,
        Sign::Is(kind) => Sniffed::OleOther(kind),
        Sign::None => Sniffed::OleOther(OleKind::Unknown),
    }
}

/// Names of streams and storages, and what they mean.
const SIGNS: [(&str, Sign); 8] = [
    ("WordDocument", Sign::Word),
    ("Workbook", Sign::Is(OleKind::Excel)),
    ("Book", Sign::Is(OleKind::Excel)),
    ("PowerPoint Document", Sign::Is(OleKind::PowerPoint)),
    ("EncryptedPackage", Sign::Is(OleKind::Encrypted)),
    ("VisioDocument", Sign::Is(OleKind::Visio)),
    ("Quill", Sign::Is(OleKind::Publisher)),
    ("__properties_version1.0", Sign::Is(OleKind::Outlook)),
];

/// Returns what the name of an entry means, and whether it is spelled as usual: names are compared without regard to
/// case (MS-CFB 2.6.4).
fn sign(entry: &[u8]) -> (Sign, bool) {
    // The length is in bytes and includes the terminating zero.
    let bytes = usize::from(u16_at(entry, 64)).saturating_sub(2).min(62);
    let units = entry[..bytes].chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]]));
    let name: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    SIGNS
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(&name))
        .map_or((Sign::None, true), |(known, sign)| (*sign, *known == name))
}

/// Reads a number at a position that the caller has checked; 0 otherwise.
fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(|b| b.first_chunk()).map_or(0, |b| u16::from_le_bytes(*b))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|b| b.first_chunk()).map_or(0, |b| u32::from_le_bytes(*b))
}
