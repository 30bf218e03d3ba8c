#![expect(clippy::unwrap_used, reason = "tests")]

use arrow_flight::FlightDescriptor;
use bytes::Buf;
use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn a_message_is_framed_as_protobuf_encodes_it(
        command in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..40)),
        header in proptest::collection::vec(any::<u8>(), 0..300),
        metadata in proptest::collection::vec(any::<u8>(), 0..20),
        body in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let message = FlightData {
            flight_descriptor: command.map(FlightDescriptor::new_cmd),
            data_header: header.into(),
            app_metadata: metadata.into(),
            data_body: body.into(),
        };
        let mut framed = framed(message.clone()).unwrap();
        let framed = framed.copy_to_bytes(framed.remaining());
        prop_assert_eq!(usize::try_from(u32::from_be_bytes(framed[1..5].try_into().unwrap())).unwrap(), framed.len() - PREFIX);
        prop_assert_eq!(FlightData::decode(&framed[PREFIX..]).unwrap(), message);
    }
}
