package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"github.com/apache/arrow-go/v18/arrow/ipc"
)

// message is a record batch with its application metadata, or, without a batch, the metadata alone.
type message struct {
	batch       arrow.RecordBatch
	appMetadata []byte
}

type testCase struct {
	name     string
	schema   *arrow.Schema
	messages []message
	options  []ipc.Option
}

func (c *testCase) add(batch arrow.RecordBatch, appMetadata []byte) {
	if c.schema == nil {
		c.schema = batch.Schema()
	}
	c.messages = append(c.messages, message{batch, appMetadata})
}

func (c *testCase) writerOptions() []ipc.Option {
	return append([]ipc.Option{ipc.WithSchema(c.schema)}, c.options...)
}

func (c *testCase) send(stream flight.FlightService_DoGetServer) error {
	writer := flight.NewRecordWriter(stream, c.writerOptions()...)
	for _, each := range c.messages {
		var err error
		if each.batch == nil {
			err = writer.WriteMetadata(each.appMetadata)
		} else {
			err = writer.WriteWithAppMetadata(each.batch, each.appMetadata)
		}
		if err != nil {
			return err
		}
	}
	return writer.Close()
}

var notInFileNames = regexp.MustCompile(`[^a-z0-9]+`)

func writeExpectations(folder string, cases []testCase) error {
	stems := make(map[string]string, len(cases))
	for number, each := range cases {
		// arrow-go's names of types are long: the number tells files apart.
		stem := fmt.Sprintf("go-%d-%.40s", number, strings.Trim(notInFileNames.ReplaceAllString(strings.ToLower(each.name), "-"), "-"))
		stems[each.name] = stem
		if err := each.write(filepath.Join(folder, stem)); err != nil {
			return fmt.Errorf("%s: %w", each.name, err)
		}
	}
	return writeJSON(filepath.Join(folder, "index.json"), object{"cases": stems, "plans": object{}, "large": []object{}})
}

func (c *testCase) write(path string) error {
	file, err := os.Create(path + ".arrows")
	if err != nil {
		return err
	}
	defer file.Close()
	writer := ipc.NewWriter(file, c.writerOptions()...)
	batches, appMetadata := []object{}, []any{}
	for _, each := range c.messages {
		var note any
		if each.appMetadata != nil {
			note = hex.EncodeToString(each.appMetadata)
		}
		appMetadata = append(appMetadata, note)
		if each.batch == nil {
			batches = append(batches, nil)
			continue
		}
		columns := make([][]any, each.batch.NumCols())
		for index, column := range each.batch.Columns() {
			columns[index] = values(column)
		}
		batches = append(batches, object{"rows": each.batch.NumRows(), "columns": columns})
		if err := writer.Write(each.batch); err != nil {
			return err
		}
	}
	if err := writer.Close(); err != nil {
		return err
	}
	return writeJSON(path+".json", object{
		"name": c.name, "schema": describeSchema(c.schema), "batches": batches, "appMetadata": appMetadata,
	})
}

func writeJSON(path string, content any) error {
	document, err := json.Marshal(content)
	if err != nil {
		return err
	}
	return os.WriteFile(path, document, 0o644)
}
