package main

import (
	"encoding/json"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
)

// streamCases are remarkable for their messages rather than for the types in them.
func streamCases() ([]testCase, error) {
	var cases []testCase
	for _, build := range []func() (testCase, error){
		metadataMessages, withoutColumns, namesAndMetadata,
		func() (testCase, error) {
			return dictionaries("dictionary delta", place, [][]string{{"a", "b"}, {"a", "b", "c"}, {"a", "b", "c", "d"}}, ipc.WithDictionaryDeltas(true))
		},
		func() (testCase, error) {
			return dictionaries("dictionary delta, 64-bit index", far, [][]string{{"a", "b"}, {"a", "b", "c"}}, ipc.WithDictionaryDeltas(true))
		},
		func() (testCase, error) {
			return dictionaries("dictionary replacement", place, [][]string{{"a", "b"}, {"x", "y", "z"}, {"a", "b"}})
		},
		func() (testCase, error) { return compressed("lz4", ipc.WithLZ4()) },
		func() (testCase, error) { return compressed("zstd", ipc.WithZstd()) },
	} {
		each, err := build()
		if err != nil {
			return nil, err
		}
		cases = append(cases, each)
	}
	return cases, nil
}

func batchFrom(dataType arrow.DataType, values ...any) (arrow.RecordBatch, error) {
	items := make([]json.RawMessage, len(values))
	for index, value := range values {
		item, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		items[index] = item
	}
	column, err := build(dataType, items)
	if err != nil {
		return nil, err
	}
	return batchOf(column), nil
}

// metadataMessages has application metadata beside batches, and in messages that hold nothing else.
func metadataMessages() (testCase, error) {
	each := testCase{name: "messages of application metadata alone"}
	batch, err := batchFrom(longs, 1, nil, 3)
	if err != nil {
		return each, err
	}
	// First one without: what is beside the first batch arrow-go sends with the schema as well.
	each.add(batch, nil)
	each.add(batch, []byte("beside a batch"))
	each.messages = append(each.messages, message{nil, []byte("alone")}, message{nil, []byte{0, 255}})
	each.add(batch, nil)
	each.messages = append(each.messages, message{nil, []byte("last")})
	return each, nil
}

func withoutColumns() (testCase, error) {
	each := testCase{name: "no columns, three rows"}
	each.add(array.NewRecordBatch(arrow.NewSchema(nil, nil), nil, 3), nil)
	return each, nil
}

func namesAndMetadata() (testCase, error) {
	metadata := arrow.NewMetadata([]string{"origin", "µ"}, []string{"go", "größe"})
	fields := []arrow.Field{
		{Name: "twin", Type: longs, Nullable: true, Metadata: metadata},
		{Name: "twin", Type: longs},
	}
	batch, err := batchFrom(longs, 1, 2)
	if err != nil {
		return testCase{}, err
	}
	column := batch.Column(0)
	each := testCase{name: "duplicate names, field and schema metadata"}
	each.add(array.NewRecordBatch(arrow.NewSchema(fields, &metadata), []arrow.Array{column, column}, -1), nil)
	return each, nil
}

// dictionaries sends a batch for each state of the dictionary; every value appears once, and a null.
func dictionaries(name string, dataType *arrow.DictionaryType, states [][]string, options ...ipc.Option) (testCase, error) {
	each := testCase{name: name, options: options}
	for _, state := range states {
		values := make([]any, 0, len(state)+1)
		for _, value := range state {
			values = append(values, value)
		}
		batch, err := batchFrom(dataType, append(values, nil)...)
		if err != nil {
			return each, err
		}
		each.add(batch, nil)
	}
	return each, nil
}

func compressed(name string, codec ipc.Option) (testCase, error) {
	each := testCase{name: "compressed, " + name, options: []ipc.Option{codec}}
	repeated := make([]any, 1000)
	for row := range repeated {
		repeated[row] = []any{"the same text of more than twelve bytes", nil, "other"}[row%3]
	}
	batch, err := batchFrom(far, repeated...)
	if err != nil {
		return each, err
	}
	each.add(batch, nil)
	return each, nil
}
