package main

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// object is a JSON object. The form of values is that of truth/neutral.py: integers are text, floats the hexadecimal bits
// of their width, binary is hexadecimal, structs are arrays by field position, union values are [type code, value].
type object map[string]any

var kinds = map[arrow.Type]string{
	arrow.NULL: "null", arrow.BOOL: "bool",
	arrow.INT8: "int8", arrow.INT16: "int16", arrow.INT32: "int32", arrow.INT64: "int64",
	arrow.UINT8: "uint8", arrow.UINT16: "uint16", arrow.UINT32: "uint32", arrow.UINT64: "uint64",
	arrow.FLOAT16: "float16", arrow.FLOAT32: "float32", arrow.FLOAT64: "float64",
	arrow.DECIMAL32: "decimal32", arrow.DECIMAL64: "decimal64", arrow.DECIMAL128: "decimal128", arrow.DECIMAL256: "decimal256",
	arrow.DATE32: "date32", arrow.DATE64: "date64", arrow.TIME32: "time32", arrow.TIME64: "time64",
	arrow.TIMESTAMP: "timestamp", arrow.DURATION: "duration",
	arrow.INTERVAL_MONTHS: "interval_months", arrow.INTERVAL_DAY_TIME: "interval_day_time",
	arrow.INTERVAL_MONTH_DAY_NANO: "interval_month_day_nano",
	arrow.STRING:                  "utf8", arrow.LARGE_STRING: "large_utf8", arrow.STRING_VIEW: "utf8_view",
	arrow.BINARY: "binary", arrow.LARGE_BINARY: "large_binary", arrow.BINARY_VIEW: "binary_view",
	arrow.FIXED_SIZE_BINARY: "fixed_size_binary", arrow.FIXED_SIZE_LIST: "fixed_size_list",
	arrow.LIST: "list", arrow.LARGE_LIST: "large_list", arrow.LIST_VIEW: "list_view", arrow.LARGE_LIST_VIEW: "large_list_view",
	arrow.STRUCT: "struct", arrow.MAP: "map", arrow.DENSE_UNION: "dense_union", arrow.SPARSE_UNION: "sparse_union",
	arrow.DICTIONARY: "dictionary", arrow.RUN_END_ENCODED: "run_end_encoded",
}

func describeSchema(schema *arrow.Schema) object {
	return object{"metadata": describeMetadata(schema.Metadata()), "fields": describeFields(schema.Fields())}
}

func describeMetadata(metadata arrow.Metadata) map[string]string {
	return metadata.ToMap()
}

func describeFields(fields []arrow.Field) []object {
	described := make([]object, len(fields))
	for index, field := range fields {
		described[index] = object{
			"name": field.Name, "nullable": field.Nullable,
			"metadata": describeMetadata(field.Metadata), "type": describeType(field.Type),
		}
	}
	return described
}

func describeType(dataType arrow.DataType) object {
	described := object{"kind": kinds[dataType.ID()]}
	switch t := dataType.(type) {
	case arrow.DecimalType:
		described["precision"], described["scale"] = t.GetPrecision(), t.GetScale()
	case *arrow.TimestampType:
		described["unit"], described["zone"] = t.Unit.String(), nil
		if t.TimeZone != "" {
			described["zone"] = t.TimeZone
		}
	case arrow.TemporalWithUnit:
		described["unit"] = t.TimeUnit().String()
	case *arrow.FixedSizeBinaryType:
		described["width"] = t.ByteWidth
	case *arrow.FixedSizeListType:
		described["size"], described["children"] = t.Len(), describeFields(t.Fields())
	case *arrow.MapType:
		described["keysSorted"] = t.KeysSorted
		described["children"] = describeFields([]arrow.Field{t.KeyField(), t.ItemField()})
	case arrow.UnionType:
		codes := make([]int, len(t.TypeCodes()))
		for index, code := range t.TypeCodes() {
			codes[index] = int(code)
		}
		described["codes"], described["children"] = codes, describeFields(t.Fields())
	case *arrow.DictionaryType:
		described["index"], described["ordered"] = kinds[t.IndexType.ID()], t.Ordered
		described["value"] = describeType(t.ValueType)
	case *arrow.RunEndEncodedType:
		described["runEnd"], described["value"] = kinds[t.RunEnds().ID()], describeType(t.Encoded())
		described["valueNullable"] = t.ValueNullable
	case arrow.NestedType:
		described["children"] = describeFields(t.Fields())
	}
	return described
}

func values(column arrow.Array) []any {
	all := make([]any, column.Len())
	for row := range all {
		all[row] = value(column, row)
	}
	return all
}

func value(column arrow.Array, row int) any {
	switch a := column.(type) {
	case *array.Null:
		return nil
	case array.Union:
		child := a.Field(a.ChildID(row))
		if dense, ok := a.(*array.DenseUnion); ok {
			return []any{a.TypeCode(row), value(child, int(dense.ValueOffset(row)))}
		}
		return []any{a.TypeCode(row), value(child, row)}
	case *array.RunEndEncoded:
		return value(a.Values(), a.GetPhysicalIndex(row))
	}
	if column.IsNull(row) {
		return nil
	}
	switch a := column.(type) {
	case *array.Dictionary:
		return value(a.Dictionary(), a.GetValueIndex(row))
	case *array.Struct:
		fields := make([]any, a.NumField())
		for index := range fields {
			fields[index] = value(a.Field(index), row)
		}
		return fields
	case *array.Map:
		start, end := a.ValueOffsets(row)
		entries := make([]any, 0, end-start)
		for entry := start; entry < end; entry++ {
			entries = append(entries, []any{value(a.Keys(), int(entry)), value(a.Items(), int(entry))})
		}
		return entries
	case array.ListLike:
		start, end := a.ValueOffsets(row)
		items := make([]any, 0, end-start)
		for item := start; item < end; item++ {
			items = append(items, value(a.ListValues(), int(item)))
		}
		return items
	}
	return plainValue(column, row)
}

func plainValue(column arrow.Array, row int) any {
	switch a := column.(type) {
	case *array.Boolean:
		return a.Value(row)
	case *array.Float16:
		return fmt.Sprintf("%04x", a.Value(row).Uint16())
	case *array.Float32:
		return fmt.Sprintf("%08x", math.Float32bits(a.Value(row)))
	case *array.Float64:
		return fmt.Sprintf("%016x", math.Float64bits(a.Value(row)))
	case *array.Date32:
		return strconv.Itoa(int(a.Value(row)))
	case *array.Date64:
		return text(a.Value(row))
	case *array.Time32:
		return text(a.Value(row))
	case *array.Time64:
		return text(a.Value(row))
	case *array.Timestamp:
		return text(a.Value(row))
	case *array.Duration:
		return text(a.Value(row))
	case *array.MonthInterval:
		return text(a.Value(row))
	case *array.DayTimeInterval:
		interval := a.Value(row)
		return []string{text(interval.Days), text(interval.Milliseconds)}
	case *array.MonthDayNanoInterval:
		interval := a.Value(row)
		return []string{text(interval.Months), text(interval.Days), text(interval.Nanoseconds)}
	case interface{ Value(int) []byte }:
		return hex.EncodeToString(a.Value(row))
	}
	switch column.DataType().ID() {
	case arrow.DECIMAL32, arrow.DECIMAL64, arrow.DECIMAL128, arrow.DECIMAL256:
		return plainDecimal(column, row)
	}
	// Integers and text print as themselves.
	return column.ValueStr(row)
}

func text[T ~int32 | ~int64](number T) string {
	return strconv.FormatInt(int64(number), 10)
}

// plainDecimal writes the digits out where arrow-go rounds or uses an exponent.
func plainDecimal(column arrow.Array, row int) string {
	var unscaled string
	switch a := column.(type) {
	case *array.Decimal32:
		unscaled = text(int32(a.Value(row)))
	case *array.Decimal64:
		unscaled = text(int64(a.Value(row)))
	case *array.Decimal128:
		unscaled = a.Value(row).BigInt().String()
	case *array.Decimal256:
		unscaled = a.Value(row).BigInt().String()
	}
	scale := int(column.DataType().(arrow.DecimalType).GetScale())
	sign := ""
	if strings.HasPrefix(unscaled, "-") {
		sign, unscaled = "-", unscaled[1:]
	}
	if scale <= 0 {
		if unscaled == "0" {
			return unscaled
		}
		return sign + unscaled + strings.Repeat("0", -scale)
	}
	if missing := scale + 1 - len(unscaled); missing > 0 {
		unscaled = strings.Repeat("0", missing) + unscaled
	}
	point := len(unscaled) - scale
	return sign + unscaled[:point] + "." + unscaled[point:]
}
