//! Where the arrays of a message lie in its memory: what validation produces, and what arrays and JavaScript views are made from.

use crate::flight::memory::Region;

/// Which of a message's allocations a buffer lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Nowhere: absent or empty.
    Absent,
    /// The body as received (or decompressed).
    Body,
    /// Buffers of the body that were moved because the server had not aligned them.
    Moved,
    /// Memory that was written while normalising.
    Extra,
}

/// One buffer: a range of an allocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BufferRange {
    pub source: Source,
    pub offset: usize,
    pub length: usize,
}

impl BufferRange {
    pub const ABSENT: Self = Self { source: Source::Absent, offset: 0, length: 0 };
}

/// One array: a type's node of the schema at one place of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArrayNode {
    pub length: usize,
    pub null_count: usize,
    /// How many of [`ColumnLayout::buffers`] are its own.
    pub buffers: usize,
}

/// Arrays depth first, and their buffers in the same order. Array offsets are always 0.
#[derive(Debug, Default, Clone)]
pub struct ColumnLayout {
    pub nodes: Vec<ArrayNode>,
    pub buffers: Vec<BufferRange>,
}

impl ColumnLayout {
    pub fn clear(&mut self) {
        self.nodes.clear();
        self.buffers.clear();
    }
}

/// The memory of one message.
#[derive(Debug, Default, Clone)]
pub struct MessageMemory {
    pub body: Option<Region>,
    pub moved: Option<Region>,
    pub extra: Option<Region>,
}

impl MessageMemory {
    /// The allocation that ranges of `source` lie in.
    pub fn region(&self, source: Source) -> Option<&Region> {
        match source {
            Source::Absent => None,
            Source::Body => self.body.as_ref(),
            Source::Moved => self.moved.as_ref(),
            Source::Extra => self.extra.as_ref(),
        }
    }

    /// The bytes of a buffer.
    ///
    /// # Safety
    /// As [`Region::bytes`].
    pub unsafe fn bytes(&self, range: BufferRange) -> &[u8] {
        // SAFETY: promised by the caller.
        let whole = self.region(range.source).map_or(&[][..], |region| unsafe { region.bytes() });
        &whole[range.offset..range.offset + range.length]
    }

    pub fn regions(&self) -> impl Iterator<Item = &Region> {
        [&self.body, &self.moved, &self.extra].into_iter().flatten()
    }

    /// Lets go of allocations that no buffer of `layout` lies in.
    pub fn keep_used(&mut self, layout: &ColumnLayout) {
        let is_used = |source| layout.buffers.iter().any(|range| range.source == source);
        self.body.take_if(|_| !is_used(Source::Body));
        self.moved.take_if(|_| !is_used(Source::Moved));
        self.extra.take_if(|_| !is_used(Source::Extra));
    }
}

/// A validated message of a stream. A clone shares its memory.
#[derive(Debug, Clone)]
pub enum Decoded {
    /// Values of a dictionary: all of them, or (`delta`) more of them.
    Dictionary {
        slot: usize,
        delta: bool,
        layout: ColumnLayout,
        memory: MessageMemory,
    },
    Batch {
        rows: usize,
        layout: ColumnLayout,
        memory: MessageMemory,
        app_metadata: Option<Vec<u8>>,
    },
    /// Application metadata without data.
    Metadata {
        app_metadata: Vec<u8>,
    },
}

impl Decoded {
    /// What it counts against the bound on received and not yet consumed bytes.
    pub fn bytes(&self) -> usize {
        let memory = |memory: &MessageMemory| memory.regions().map(Region::len).sum::<usize>();
        let layout = |layout: &ColumnLayout| size_of_val(&layout.nodes[..]) + size_of_val(&layout.buffers[..]);
        // Messages without data take memory too, and a server may send them without end.
        size_of::<Self>()
            + match self {
                Self::Dictionary { memory: held, layout: described, .. } => memory(held) + layout(described),
                Self::Batch { memory: held, layout: described, app_metadata, .. } => {
                    memory(held) + layout(described) + app_metadata.as_ref().map_or(0, Vec::len)
                }
                Self::Metadata { app_metadata } => app_metadata.len(),
            }
    }
}
