//! A delivery as it crosses: words, allocations, metadata. `docs/internals/boundary.md` is its specification.

use std::sync::Arc;

use napi::sys;

use super::boundary::{BATCH, DICTIONARY, METADATA};
use super::completion::Refusal;
use super::external;
use super::pressure::HeldBack;
use super::values::JsThread;
use crate::arrow::layout::{BufferRange, ColumnLayout, Decoded, MessageMemory, Source};
use crate::arrow::schema::{Kind, Node, StreamSchema};
use crate::flight::memory::{Block, HandOut, Region, handed_out_bytes};
use crate::flight::result::Delivery;
use crate::flight::stream::SharedPlace;

/// What the words need to know of a schema: which nodes, depth first, are views.
pub(crate) struct WordPlan {
    batch: Vec<bool>,
    dictionaries: Vec<Vec<bool>>,
}

impl WordPlan {
    pub(crate) fn new(schema: &StreamSchema) -> Self {
        let views = |nodes: &[&Node]| {
            let mut views = Vec::new();
            nodes.iter().for_each(|node| mark_views(node, &mut views));
            views
        };
        Self {
            batch: views(&schema.normalised_fields.iter().collect::<Vec<_>>()),
            dictionaries: schema.normalised_dictionaries.iter().map(|dictionary| views(&[&dictionary.values])).collect(),
        }
    }
}

fn mark_views(node: &Node, views: &mut Vec<bool>) {
    views.push(matches!(node.kind, Kind::View { .. }));
    node.children.iter().for_each(|child| mark_views(child, views));
}

/// A delivery in the making.
#[derive(Default)]
struct Words {
    numbers: Vec<f64>,
    spans: Vec<Span>,
    metadata: Vec<Vec<u8>>,
}

/// The part of a block that one ArrayBuffer will cover.
struct Span {
    block: Arc<Block>,
    start: usize,
    end: usize,
    /// The endpoint whose messages lie in the block.
    place: SharedPlace,
}

/// A delivery whose numbers are final.
#[derive(Default)]
pub(crate) struct EncodedDelivery {
    numbers: Vec<f64>,
    memory: Vec<(HandOut, SharedPlace)>,
    metadata: Vec<Vec<u8>>,
}

/// Describes `deliveries` in numbers. From here on their memory belongs to JavaScript.
pub(crate) fn encode(deliveries: Vec<Delivery>, plan: &WordPlan) -> EncodedDelivery {
    #[cfg(feature = "test-hooks")]
    crate::faults::panic_if_armed(crate::faults::Place::Delivery);
    let mut words = Words::default();
    // All spans first: an offset counts from its span's start, which a later region of the same block does not move, but an earlier one
    // would.
    for Delivery { place, messages } in &deliveries {
        for message in messages {
            if let Decoded::Dictionary { memory, .. } | Decoded::Batch { memory, .. } = message {
                memory.regions().for_each(|region| words.cover(region, place));
            }
        }
    }
    for Delivery { place, messages } in deliveries {
        messages.into_iter().for_each(|message| words.message(message, place.index as f64, plan));
    }
    let memory = words.spans.into_iter().map(|span| (HandOut::new(span.block, span.start, span.end), span.place)).collect();
    EncodedDelivery { numbers: words.numbers, memory, metadata: words.metadata }
}

impl Words {
    fn message(&mut self, message: Decoded, endpoint: f64, plan: &WordPlan) {
        match message {
            Decoded::Dictionary { slot, delta, layout, memory } => {
                self.numbers.extend([f64::from(DICTIONARY), slot as f64, f64::from(u8::from(delta))]);
                self.column_layout(&layout, &memory, &plan.dictionaries[slot]);
            }
            Decoded::Batch { rows, layout, memory, app_metadata } => {
                let metadata = self.metadata(app_metadata);
                self.numbers.extend([f64::from(BATCH), metadata, endpoint, rows as f64]);
                self.column_layout(&layout, &memory, &plan.batch);
            }
            Decoded::Metadata { app_metadata } => {
                let metadata = self.metadata(Some(app_metadata));
                self.numbers.extend([f64::from(METADATA), metadata, endpoint]);
            }
        }
    }

    fn cover(&mut self, region: &Region, place: &SharedPlace) {
        let (start, end) = (region.offset(), region.offset() + region.len());
        match self.span_of(region) {
            Some(at) => {
                let span = &mut self.spans[at];
                span.start = span.start.min(start);
                span.end = span.end.max(end);
            }
            None => self.spans.push(Span { block: Arc::clone(region.block()), start, end, place: place.clone() }),
        }
    }

    fn span_of(&self, region: &Region) -> Option<usize> {
        // The newest are the likeliest.
        self.spans.iter().rposition(|span| Arc::ptr_eq(&span.block, region.block()))
    }

    fn metadata(&mut self, bytes: Option<Vec<u8>>) -> f64 {
        match bytes {
            None => -1.0,
            Some(bytes) => {
                self.metadata.push(bytes);
                (self.metadata.len() - 1) as f64
            }
        }
    }

    fn column_layout(&mut self, layout: &ColumnLayout, memory: &MessageMemory, views: &[bool]) {
        let place = |source| {
            let region = memory.region(source)?;
            let at = self.span_of(region)?;
            Some((at, region.offset() - self.spans[at].start))
        };
        // Looked up once a message: there may be many spans, and many buffers.
        let (body, moved, extra) = (place(Source::Body), place(Source::Moved), place(Source::Extra));
        let allocation = |source| match source {
            Source::Absent => None,
            Source::Body => body,
            Source::Moved => moved,
            Source::Extra => extra,
        };
        let mut buffers = layout.buffers.iter();
        for (node, is_view) in layout.nodes.iter().zip(views) {
            self.numbers.extend([node.length as f64, node.null_count as f64]);
            for (at, range) in buffers.by_ref().take(node.buffers).enumerate() {
                self.buffer(*range, allocation(range.source));
                // Validity and views come first; behind them the number of data buffers.
                if *is_view && at == 1 {
                    self.numbers.push((node.buffers - 2) as f64);
                }
            }
        }
    }

    /// `allocation` is the span that the buffer lies in, and where in it the buffer's region begins.
    fn buffer(&mut self, range: BufferRange, allocation: Option<(usize, usize)>) {
        match allocation {
            Some((allocation, base)) => self.numbers.extend([allocation as f64, (base + range.offset) as f64, range.length as f64]),
            None => self.numbers.extend([-1.0, 0.0, 0.0]),
        }
    }
}

impl EncodedDelivery {
    /// The array that crosses. V8 does not count its memory while `held_back` has it.
    ///
    /// # Errors
    /// What Node refused, with the endpoint whose memory it was of.
    pub(crate) fn into_value(
        self,
        js: JsThread,
        held_back: Option<&HeldBack>,
        schema_text: Option<&str>,
        is_last: bool,
    ) -> Result<sys::napi_value, Refusal> {
        let numbers = js.float64_array(&self.numbers)?;
        let array_buffer = |(memory, place): (HandOut, SharedPlace)| {
            // One at a time: V8 looks at its count whenever it grows.
            let counted = held_back.map_or(Ok(()), |held_back| held_back.hold_back(js, memory.len()));
            counted.and_then(|()| external::array_buffer(js, memory)).map_err(|cause| Refusal::of_endpoint(cause, &place.get()))
        };
        let memory: Result<Vec<_>, _> = self.memory.into_iter().map(array_buffer).collect();
        let metadata: napi::Result<Vec<_>> = self.metadata.iter().map(|bytes| js.buffer(bytes)).collect();
        let handed_out = js.number(handed_out_bytes() as f64)?;
        let schema_text = schema_text.map_or_else(|| js.null(), |text| js.string(text))?;
        Ok(js.array(&[numbers, js.array(&memory?)?, js.array(&metadata?)?, handed_out, schema_text, js.boolean(is_last)?])?)
    }
}
