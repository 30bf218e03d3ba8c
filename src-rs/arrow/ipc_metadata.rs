//! The metadata of IPC messages: the flatbuffers that say what lies where in a body.

use arrow_ipc::{
    BodyCompressionBuilder, Buffer, DictionaryBatchBuilder, FieldNode, MessageBuilder, MessageHeader, MetadataVersion, RecordBatch,
    RecordBatchBuilder,
};
use flatbuffers::{FlatBufferBuilder, UnionWIPOffset, WIPOffset};

use super::compress::Codec;
use super::schema::Kind;

/// What a body holds, in the order of the schema's fields, depth first.
#[derive(Debug, Default)]
pub struct BodyParts {
    pub nodes: Vec<FieldNode>,
    pub buffers: Vec<Buffer>,
    /// How many data buffers each view column has.
    pub variadic: Vec<i64>,
    /// Bytes of the body, padding included.
    pub length: usize,
    pub compression: Option<Codec>,
}

impl BodyParts {
    /// The metadata of a record batch of `rows` rows.
    pub fn record_batch(&self, rows: usize) -> Vec<u8> {
        let mut builder = FlatBufferBuilder::new();
        let batch = self.table(&mut builder, rows).as_union_value();
        self.message(builder, MessageHeader::RecordBatch, batch)
    }

    /// The metadata of values of the dictionary `id`: all of them, or (`is_delta`) more of them.
    pub fn dictionary(&self, id: i64, is_delta: bool, values: usize) -> Vec<u8> {
        let mut builder = FlatBufferBuilder::new();
        let batch = self.table(&mut builder, values);
        let mut dictionary = DictionaryBatchBuilder::new(&mut builder);
        dictionary.add_id(id);
        dictionary.add_data(batch);
        dictionary.add_isDelta(is_delta);
        let dictionary = dictionary.finish().as_union_value();
        self.message(builder, MessageHeader::DictionaryBatch, dictionary)
    }

    fn table<'f>(&self, builder: &mut FlatBufferBuilder<'f>, rows: usize) -> WIPOffset<RecordBatch<'f>> {
        let nodes = builder.create_vector(&self.nodes);
        let buffers = builder.create_vector(&self.buffers);
        let variadic = (!self.variadic.is_empty()).then(|| builder.create_vector(&self.variadic));
        let compression = self.compression.map(|codec| {
            let mut compression = BodyCompressionBuilder::new(builder);
            compression.add_codec(codec.of_ipc());
            compression.finish()
        });
        let mut batch = RecordBatchBuilder::new(builder);
        batch.add_length(rows as i64);
        batch.add_nodes(nodes);
        batch.add_buffers(buffers);
        if let Some(variadic) = variadic {
            batch.add_variadicBufferCounts(variadic);
        }
        if let Some(compression) = compression {
            batch.add_compression(compression);
        }
        batch.finish()
    }

    fn message(&self, mut builder: FlatBufferBuilder<'_>, kind: MessageHeader, header: WIPOffset<UnionWIPOffset>) -> Vec<u8> {
        let mut message = MessageBuilder::new(&mut builder);
        message.add_version(MetadataVersion::V5);
        message.add_header_type(kind);
        message.add_bodyLength(self.length as i64);
        message.add_header(header);
        let message = message.finish();
        builder.finish(message, None);
        builder.finished_data().to_vec()
    }
}

/// The width of the offsets that an array has behind its validity, if it has some.
pub fn offset_width(kind: Kind) -> Option<usize> {
    match kind {
        Kind::Variable { large, .. } | Kind::List { large } => Some(if large { 8 } else { 4 }),
        Kind::Map => Some(4),
        _ => None,
    }
}
