//! Encapsulated Arrow IPC messages: headers of our own in front of buffers that stay where they were received.

use arrow_ipc::{Buffer, FieldNode};

use crate::arrow::ipc_metadata::{BodyParts, offset_width};
use crate::arrow::layout::{BufferRange, ColumnLayout, MessageMemory, Source};
use crate::arrow::schema::{Kind, Node};
use crate::flight::memory::ALIGNMENT;

/// In front of every message since version 0.15 of the format; before a length of 0 it ends the stream.
const CONTINUATION: [u8; 4] = [0xff; 4];
pub(super) const END_OF_STREAM: [u8; 8] = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];

/// A message that has yet to be copied to its place in a stream.
pub(super) struct IpcMessage {
    /// The metadata with its prefix, padded so that the body is aligned where the message is.
    head: Vec<u8>,
    body: Vec<Piece>,
    memory: MessageMemory,
    length: usize,
}

/// A part of a body.
enum Piece {
    Received(BufferRange),
    /// Padding, or what the format wants where nothing was received.
    Zeros(usize),
}

impl IpcMessage {
    /// The message of a schema, whose flatbuffer is `metadata`.
    pub(super) fn schema(metadata: &[u8]) -> Self {
        let head = head(metadata);
        Self { length: head.len(), head, body: Vec::new(), memory: MessageMemory::default() }
    }

    /// The columns of `nodes` as they lie in `memory`.
    pub(super) fn record_batch<'n>(
        nodes: impl Iterator<Item = &'n Node>,
        rows: usize,
        layout: &ColumnLayout,
        memory: &MessageMemory,
    ) -> Self {
        let body = Body::of(nodes, layout);
        Self::new(&body.parts.record_batch(rows), body, memory)
    }

    /// Values of the dictionary `id`: all of them, or (`is_delta`) more of them.
    pub(super) fn dictionary(id: i64, is_delta: bool, values: &Node, layout: &ColumnLayout, memory: &MessageMemory) -> Self {
        let body = Body::of(std::iter::once(values), layout);
        let count = layout.nodes.first().map_or(0, |node| node.length);
        Self::new(&body.parts.dictionary(id, is_delta, count), body, memory)
    }

    fn new(metadata: &[u8], body: Body<'_>, memory: &MessageMemory) -> Self {
        let head = head(metadata);
        Self { length: head.len() + body.parts.length, head, body: body.pieces, memory: memory.clone() }
    }

    /// How many bytes it takes in a stream: a multiple of [`ALIGNMENT`].
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// Appends it, and lets go of the memory that it was received into.
    pub(super) fn write_to(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.head);
        for piece in self.body {
            match piece {
                // SAFETY: messages of a result that is written are never handed to JavaScript.
                Piece::Received(range) => out.extend_from_slice(unsafe { self.memory.bytes(range) }),
                Piece::Zeros(count) => out.resize(out.len() + count, 0),
            }
        }
    }
}

/// Metadata with what stands in front of it, padded.
fn head(metadata: &[u8]) -> Vec<u8> {
    let prefix = CONTINUATION.len() + size_of::<i32>();
    let padded = (prefix + metadata.len()).next_multiple_of(ALIGNMENT);
    let mut head = Vec::with_capacity(padded);
    head.extend_from_slice(&CONTINUATION);
    head.extend_from_slice(&((padded - prefix) as i32).to_le_bytes());
    head.extend_from_slice(metadata);
    head.resize(padded, 0);
    head
}

/// The body of a batch in the making, and what its header says of it.
struct Body<'a> {
    layout: &'a ColumnLayout,
    next_node: usize,
    next_buffer: usize,
    parts: BodyParts,
    pieces: Vec<Piece>,
}

impl<'a> Body<'a> {
    fn of<'n>(nodes: impl Iterator<Item = &'n Node>, layout: &'a ColumnLayout) -> Self {
        let mut body = Self {
            layout,
            next_node: 0,
            next_buffer: 0,
            parts: BodyParts {
                nodes: Vec::with_capacity(layout.nodes.len()),
                buffers: Vec::with_capacity(layout.buffers.len()),
                ..BodyParts::default()
            },
            pieces: Vec::with_capacity(2 * layout.buffers.len()),
        };
        nodes.for_each(|node| body.array(node));
        body
    }

    /// Layouts are in the order in which the format wants nodes and buffers.
    fn array(&mut self, node: &Node) {
        let array = self.layout.nodes[self.next_node];
        let ranges = &self.layout.buffers[self.next_buffer..self.next_buffer + array.buffers];
        self.next_node += 1;
        self.next_buffer += array.buffers;
        self.parts.nodes.push(FieldNode::new(array.length as i64, array.null_count as i64));
        for (at, range) in ranges.iter().enumerate() {
            match offset_width(node.kind).filter(|_| at == 1 && range.source == Source::Absent) {
                // The one offset of an array without values, which servers may leave out but some readers look for.
                Some(width) => self.piece(Piece::Zeros(width), width),
                None => self.piece(Piece::Received(*range), range.length),
            }
        }
        if matches!(node.kind, Kind::View { .. }) {
            self.parts.variadic.push(array.buffers as i64 - 2);
        }
        node.children.iter().for_each(|child| self.array(child));
    }

    fn piece(&mut self, piece: Piece, length: usize) {
        self.parts.buffers.push(Buffer::new(self.parts.length as i64, length as i64));
        if length == 0 {
            return;
        }
        let padding = length.next_multiple_of(ALIGNMENT) - length;
        self.pieces.extend([piece, Piece::Zeros(padding)]);
        self.parts.length += length + padding;
    }
}
