package main

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// The bench's three shapes, by the arithmetic of rust/src/shapes.rs: every server sends the same values.

var batchRows = []int{1_024, 8_192, 65_536}

var cities = []string{"Berlin", "Nairobi", "Lima", "Osaka", "Toronto", "Oslo", "Perth", "Valencia"}

const categories = 64

func ident(row int) int64 { return int64(row)*2_654_435_761 + 7 }

func noise(row int) uint64 { return uint64(ident(row)) & 0xffff_ffff }

func price(row int) float64 { return float64(noise(row)%1_000_000) / 100 }

func microseconds(row int) arrow.Timestamp {
	return arrow.Timestamp(1_700_000_000_000_000 + int64(row)*1_000_003)
}

func never(int) bool { return false }

func every(interval, remainder int) func(int) bool {
	return func(row int) bool { return row%interval == remainder }
}

var utc = &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}

// A column of a shape: its name, its type, which rows are null, and what the others hold.
type column struct {
	name   string
	kind   arrow.DataType
	isNull func(row int) bool
	put    func(builder array.Builder, row int)
}

func idColumn() column {
	return column{"id", arrow.PrimitiveTypes.Int64, never, func(b array.Builder, row int) {
		b.(*array.Int64Builder).Append(ident(row))
	}}
}

func priceColumn(isNull func(int) bool) column {
	return column{"price", arrow.PrimitiveTypes.Float64, isNull, func(b array.Builder, row int) {
		b.(*array.Float64Builder).Append(price(row))
	}}
}

func timeColumn(isNull func(int) bool) column {
	return column{"at", utc, isNull, func(b array.Builder, row int) {
		b.(*array.TimestampBuilder).Append(microseconds(row))
	}}
}

func numeric() []column {
	return []column{
		idColumn(),
		priceColumn(never),
		{"quantity", arrow.PrimitiveTypes.Int32, never, func(b array.Builder, row int) {
			b.(*array.Int32Builder).Append(int32(noise(row) >> 16))
		}},
		timeColumn(never),
	}
}

func mixed() []column {
	return []column{
		idColumn(),
		{"name", arrow.BinaryTypes.String, every(10, 3), func(b array.Builder, row int) {
			b.(*array.StringBuilder).Append(fmt.Sprintf("customer-%d", noise(row)%100_000))
		}},
		priceColumn(every(7, 2)),
		{"active", arrow.FixedWidthTypes.Boolean, never, func(b array.Builder, row int) {
			b.(*array.BooleanBuilder).Append(noise(row)&1 == 1)
		}},
		{"city", arrow.BinaryTypes.String, never, func(b array.Builder, row int) {
			b.(*array.StringBuilder).Append(cities[(noise(row)>>8)%uint64(len(cities))])
		}},
		timeColumn(every(16, 5)),
	}
}

func views() []column {
	return []column{
		idColumn(),
		{"label", arrow.BinaryTypes.StringView, never, func(b array.Builder, row int) {
			label := fmt.Sprintf("a longer description, number %d", noise(row)%1_000_000)
			if row%3 == 0 {
				label = fmt.Sprintf("item-%d", noise(row)%1_000)
			}
			b.(*array.StringViewBuilder).Append(label)
		}},
		{"amount", &arrow.Decimal128Type{Precision: 18, Scale: 2}, never, func(b array.Builder, row int) {
			b.(*array.Decimal128Builder).Append(decimal128.FromI64(int64(noise(row)) - 1<<31))
		}},
	}
}

// makeRecord builds one batch of a shape.
func makeRecord(shape string, rows int) (arrow.RecordBatch, error) {
	var columns []column
	switch shape {
	case "numeric":
		columns = numeric()
	case "mixed":
		columns = mixed()
	case "views":
		columns = views()
	default:
		return nil, fmt.Errorf("a shape is numeric, mixed or views, not %q", shape)
	}
	var fields []arrow.Field
	var arrays []arrow.Array
	for _, column := range columns {
		builder := array.NewBuilder(memory.DefaultAllocator, column.kind)
		for row := range rows {
			if column.isNull(row) {
				builder.AppendNull()
			} else {
				column.put(builder, row)
			}
		}
		fields = append(fields, arrow.Field{Name: column.name, Type: column.kind, Nullable: true})
		arrays = append(arrays, builder.NewArray())
	}
	if shape == "views" {
		encoded := categoryArray(rows)
		fields = append(fields, arrow.Field{Name: "category", Type: encoded.DataType(), Nullable: true})
		arrays = append(arrays, encoded)
	}
	return array.NewRecordBatch(arrow.NewSchema(fields, nil), arrays, int64(rows)), nil
}

// categoryArray is the dictionary column: all its values in order, whichever of them the rows use.
func categoryArray(rows int) arrow.Array {
	values := array.NewStringBuilder(memory.DefaultAllocator)
	for category := range categories {
		values.Append(fmt.Sprintf("category-%03d", category))
	}
	keys := array.NewInt32Builder(memory.DefaultAllocator)
	for row := range rows {
		keys.Append(int32((noise(row) >> 10) % categories))
	}
	kind := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
	return array.NewDictionaryArray(kind, keys.NewArray(), values.NewArray())
}
