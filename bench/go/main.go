// A Flight SQL server on arrow-go (grpc-go) that streams records it made before anyone asked.
//
// It encodes, frames and aligns as Go servers do. Prints one line of JSON when it listens, and ends when its standard
// input does.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"os"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// made is one shape at one batch size.
type made struct {
	Shape     string `json:"shape"`
	Rows      int    `json:"rows"`
	BodyBytes int64  `json:"bodyBytes"`
	record    arrow.RecordBatch
}

type server struct {
	flightsql.BaseServer
	batches []made
}

// find reads a query, SHAPE ROWS BYTES, and counts the batches whose bodies come to that many bytes or just above.
func (s *server) find(text string) (*made, int64, error) {
	var shape string
	var rows int
	var total int64
	if _, err := fmt.Sscanf(text, "%s %d %d", &shape, &rows, &total); err != nil {
		return nil, 0, status.Errorf(codes.InvalidArgument, "a query is SHAPE ROWS BYTES, not %q", text)
	}
	for i := range s.batches {
		if batch := &s.batches[i]; batch.Shape == shape && batch.Rows == rows {
			return batch, max(1, (total+batch.BodyBytes-1)/batch.BodyBytes), nil
		}
	}
	return nil, 0, status.Errorf(codes.InvalidArgument, "there is no %s with %d rows a batch", shape, rows)
}

func (s *server) GetFlightInfoStatement(
	_ context.Context, query flightsql.StatementQuery, descriptor *flight.FlightDescriptor,
) (*flight.FlightInfo, error) {
	batch, count, err := s.find(query.GetQuery())
	if err != nil {
		return nil, err
	}
	// The ticket holds the query itself: every connection can redeem it.
	ticket, err := flightsql.CreateStatementQueryTicket([]byte(query.GetQuery()))
	if err != nil {
		return nil, err
	}
	return &flight.FlightInfo{
		Schema:           flight.SerializeSchema(batch.record.Schema(), memory.DefaultAllocator),
		FlightDescriptor: descriptor,
		Endpoint:         []*flight.FlightEndpoint{{Ticket: &flight.Ticket{Ticket: ticket}}},
		TotalRecords:     count * int64(batch.Rows),
		TotalBytes:       count * batch.BodyBytes,
	}, nil
}

func (s *server) DoGetStatement(
	ctx context.Context, ticket flightsql.StatementQueryTicket,
) (*arrow.Schema, <-chan flight.StreamChunk, error) {
	batch, count, err := s.find(string(ticket.GetStatementHandle()))
	if err != nil {
		return nil, nil, err
	}
	chunks := make(chan flight.StreamChunk, 4)
	go func() {
		defer close(chunks)
		for range count {
			batch.record.Retain()
			select {
			case chunks <- flight.StreamChunk{Data: batch.record}:
			case <-ctx.Done():
				batch.record.Release()
				return
			}
		}
	}()
	return batch.record.Schema(), chunks, nil
}

// anyoneMayCome answers the handshake that some clients insist on, and asks for nothing.
type anyoneMayCome struct{}

func (anyoneMayCome) Authenticate(conn flight.AuthConn) error { return conn.Send([]byte("bench")) }

func (anyoneMayCome) IsValid(string) (any, error) { return nil, nil }

// tokenInHeader is for the clients that take the token from the handshake's headers and not from its message.
type tokenInHeader struct{}

func (tokenInHeader) StartCall(ctx context.Context) context.Context {
	_ = grpc.SetHeader(ctx, metadata.Pairs("authorization", "Bearer bench"))
	return nil
}

func (tokenInHeader) CallCompleted(context.Context, error) {}

// bodyBytes weighs the IPC body that a record is encoded to.
func bodyBytes(record arrow.RecordBatch) (int64, error) {
	payload, err := ipc.GetRecordBatchPayload(record)
	if err != nil {
		return 0, err
	}
	defer payload.Release()
	var counted counter
	err = payload.SerializeBody(&counted)
	return int64(counted), err
}

type counter int64

func (c *counter) Write(data []byte) (int, error) {
	*c += counter(len(data))
	return len(data), nil
}

func run() error {
	served := &server{}
	for _, shape := range []string{"numeric", "mixed", "views"} {
		for _, rows := range batchRows {
			record, err := makeRecord(shape, rows)
			if err != nil {
				return err
			}
			size, err := bodyBytes(record)
			if err != nil {
				return err
			}
			served.batches = append(served.batches, made{shape, rows, size, record})
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	service := flightsql.NewFlightServer(served)
	if base, ok := service.(interface {
		SetAuthHandler(flight.ServerAuthHandler)
	}); ok {
		base.SetAuthHandler(anyoneMayCome{})
	}
	grpcServer := flight.NewServerWithMiddleware([]flight.ServerMiddleware{
		flight.CreateServerMiddleware(tokenInHeader{}),
	})
	grpcServer.InitListener(listener)
	grpcServer.RegisterFlightService(service)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	ready := struct {
		Port    int    `json:"port"`
		Batches []made `json:"batches"`
	}{listener.Addr().(*net.TCPAddr).Port, served.batches}
	if err := json.NewEncoder(os.Stdout).Encode(ready); err != nil {
		return err
	}
	return grpcServer.Serve()
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
