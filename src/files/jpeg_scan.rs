//! JPEG: the headers of frames and scans, and whether a sequential scan has all its blocks. Codes are counted, not
//! decoded: no pixel is computed.

use std::io::{self, BufRead};

/// A frame header (T.81, B.2.2).
pub(super) struct Frame {
    /// Baseline or extended sequential, Huffman-coded.
    sequential: bool,
    progressive: bool,
    width: u32,
    height: u32,
    components: Vec<Component>,
}

struct Component {
    id: u8,
    horizontal: u32,
    vertical: u32,
}

impl Frame {
    /// `None` if no reader can show such an image.
    pub(super) fn new(marker: u8, header: &[u8]) -> Option<Self> {
        let [_, a, b, c, d, count, rest @ ..] = header else { return None };
        let (height, width) = (u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d]));
        let components: Vec<Component> = rest
            .chunks_exact(3)
            .take(usize::from(*count))
            .map(|c| Component { id: c[0], horizontal: u32::from(c[1] >> 4), vertical: u32::from(c[1] & 15) })
            .collect();
        let sane = |c: &Component| (1..=4).contains(&c.horizontal) && (1..=4).contains(&c.vertical);
        if width == 0
            || height == 0
            || components.is_empty()
            || components.len() != usize::from(*count)
            || !components.iter().all(sane)
        {
            return None;
        }
        Some(Self {
            sequential: matches!(marker, 0xc0 | 0xc1),
            progressive: matches!(marker, 0xc2 | 0xca),
            width: width.into(),
            height: height.into(),
            components,
        })
    }

    /// Returns the number of units that the interleaved scan of all components has.
    fn units(&self) -> u32 {
        let side = |pixels: u32, sampling: fn(&Component) -> u32| {
            // The only component of a scan is not interleaved: a unit is one block.
            let most = if self.components.len() == 1 {
                1
            } else {
                self.components.iter().map(sampling).max().unwrap_or(1)
            };
            pixels.div_ceil(8 * most)
        };
        side(self.width, |c| c.horizontal) * side(self.height, |c| c.vertical)
    }
}

/// A scan header (T.81, B.2.3).
pub(super) struct Scan {
    /// Position of the entropy-coded data.
    pub(super) start: u64,
    /// Blocks of each component in a unit, and its two tables.
    components: Vec<(u32, u8, u8)>,
}

impl Scan {
    /// `None` if the header does not fit the frame.
    pub(super) fn new(frame: &Frame, header: &[u8], start: u64) -> Option<Self> {
        let [count, rest @ ..] = header else { return None };
        let count = usize::from(*count);
        let (selectors, rest) = rest.split_at_checked(2 * count)?;
        let [first, last, approximation] = *rest else { return None };
        let (high, low) = (approximation >> 4, approximation & 15);
        let refines = high == 0 || high - 1 == low;
        let progression = first <= last && last <= 63 && refines && low <= 13;
        if !(1..=4).contains(&count) || frame.progressive && !progression {
            return None;
        }
        let alone = frame.components.len() == 1;
        let components = selectors
            .chunks_exact(2)
            .map(|pair| {
                let component = frame.components.iter().find(|c| c.id == pair[0])?;
                let blocks = if alone { 1 } else { component.horizontal * component.vertical };
                Some((blocks, pair[1] >> 4, pair[1] & 15))
            })
            .collect::<Option<_>>()?;
        Some(Self { start, components })
    }

    /// Returns whether the data that follows has every block of the image.
    pub(super) fn is_complete(
        &self,
        frame: &Frame,
        tables: &Tables,
        data: &mut impl BufRead,
    ) -> io::Result<bool> {
        if !frame.sequential || self.components.len() != frame.components.len() {
            return Ok(false);
        }
        let mut bits = Bits { data, byte: 0, left: 0 };
        for unit in 0..frame.units() {
            if tables.restart > 0 && unit > 0 && unit % tables.restart == 0 && !bits.restart()? {
                return Ok(false);
            }
            for (blocks, dc, ac) in &self.components {
                let (Some(Some(dc)), Some(Some(ac))) =
                    (tables.huffman.get(usize::from(*dc)), tables.huffman.get(4 + usize::from(*ac)))
                else {
                    return Ok(false);
                };
                for _ in 0..*blocks {
                    if bits.block(dc, ac)?.is_none() {
                        return Ok(false);
                    }
                }
            }
        }
        Ok(true)
    }
}

/// The tables in effect.
#[derive(Default)]
pub(super) struct Tables {
    /// Four tables of DC codes, then four of AC codes.
    huffman: [Option<Huffman>; 8],
    /// Units between restart markers; 0 for none.
    restart: u32,
}

struct Huffman {
    /// Number of codes of each length from 1 to 16.
    counts: [u8; 16],
    values: Vec<u8>,
}

impl Tables {
    /// Takes over the Huffman tables of a segment; `None` if no reader accepts them.
    pub(super) fn define(&mut self, mut segment: &[u8]) -> Option<()> {
        while let Some((head, rest)) = segment.split_first_chunk::<17>() {
            let [class, counts @ ..] = *head;
            let total = counts.iter().map(|n| usize::from(*n)).sum();
            let (values, rest) = rest.split_at_checked(total)?;
            // There are two codes of one bit, and twice as many of each further bit, without those already used.
            let free = counts.iter().try_fold(1_u32, |free, count| (2 * free).checked_sub((*count).into()));
            if total > 256 || free.is_none() {
                return None;
            }
            let at = usize::from(class >> 4) * 4 + usize::from(class & 15);
            if let Some(slot) = self.huffman.get_mut(at) {
                *slot = Some(Huffman { counts, values: values.to_vec() });
            }
            segment = rest;
        }
        Some(())
    }

    pub(super) fn restart_every(&mut self, segment: &[u8]) {
        self.restart = segment.first_chunk().map_or(0, |bytes| u16::from_be_bytes(*bytes).into());
    }
}

/// Entropy-coded data, bit by bit.
struct Bits<'a, R> {
    data: &'a mut R,
    byte: u8,
    left: u8,
}

impl<R: BufRead> Bits<'_, R> {
    fn byte(&mut self) -> io::Result<Option<u8>> {
        let Some(byte) = self.data.fill_buf()?.first().copied() else { return Ok(None) };
        self.data.consume(1);
        Ok(Some(byte))
    }

    /// `None` at the end of the data and at a marker.
    fn bit(&mut self) -> io::Result<Option<u16>> {
        if self.left == 0 {
            let Some(byte) = self.byte()? else { return Ok(None) };
            if byte == 0xff && self.byte()? != Some(0) {
                return Ok(None);
            }
            (self.byte, self.left) = (byte, 8);
        }
        self.left -= 1;
        Ok(Some(u16::from(self.byte >> self.left & 1)))
    }

    /// Skips the rest of a byte and a restart marker.
    fn restart(&mut self) -> io::Result<bool> {
        self.left = 0;
        if self.byte()? != Some(0xff) {
            return Ok(false);
        }
        loop {
            match self.byte()? {
                Some(0xff) => {}
                marker => return Ok(matches!(marker, Some(0xd0..=0xd7))),
            }
        }
    }

    /// Reads a code and the bits that follow it: as many as its low half says. Returns the code's value.
    fn value(&mut self, table: &Huffman) -> io::Result<Option<u8>> {
        let (mut code, mut first, mut index) = (0_u32, 0_u32, 0_usize);
        for count in table.counts {
            let Some(bit) = self.bit()? else { return Ok(None) };
            code |= u32::from(bit);
            if code < first + u32::from(count) {
                // Never below `first`: shorter codes were excluded.
                let Some(value) = table.values.get(index + code.saturating_sub(first) as usize) else {
                    return Ok(None);
                };
                for _ in 0..value & 15 {
                    if self.bit()?.is_none() {
                        return Ok(None);
                    }
                }
                return Ok(Some(*value));
            }
            index += usize::from(count);
            first = (first + u32::from(count)) << 1;
            code <<= 1;
        }
        Ok(None)
    }

    /// Reads one block of 8 × 8 values.
    fn block(&mut self, dc: &Huffman, ac: &Huffman) -> io::Result<Option<()>> {
        if self.value(dc)?.is_none() {
            return Ok(None);
        }
        let mut at = 1;
        while at < 64 {
            let Some(value) = self.value(ac)? else { return Ok(None) };
            at += match value {
                // The rest of the block is zero.
                0x00 => 64,
                _ => u32::from(value >> 4) + 1,
            };
        }
        Ok(Some(()))
    }
}
