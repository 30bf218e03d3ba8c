// go-truth serves what arrow-go made, as is: the types and messages that pyarrow cannot make, and a second opinion on
// the others.
//
//	go-truth PORT FOLDER
//
// The query CASE (or the ticket of that name) gives the case's stream. Into FOLDER go index.json, which lists the cases,
// and for each the values that are expected (.json) and the stream (.arrows).
package main

import (
	"context"
	"log"
	"net"
	"os"

	"github.com/apache/arrow-go/v18/arrow/flight"
	gen "github.com/apache/arrow-go/v18/arrow/flight/gen/flight"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

type truthServer struct {
	flight.BaseFlightServer
	cases map[string]testCase
}

func (s *truthServer) GetFlightInfo(_ context.Context, descriptor *flight.FlightDescriptor) (*flight.FlightInfo, error) {
	var command anypb.Any
	if err := proto.Unmarshal(descriptor.Cmd, &command); err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "the command is no Any: %v", err)
	}
	var query gen.CommandStatementQuery
	if err := command.UnmarshalTo(&query); err != nil {
		return nil, status.Errorf(codes.Unimplemented, "only queries are served, not %s", command.TypeUrl)
	}
	wanted, found := s.cases[query.Query]
	if !found {
		return nil, status.Errorf(codes.NotFound, "there is no case called %q", query.Query)
	}
	return &flight.FlightInfo{
		Schema:           flight.SerializeSchema(wanted.schema, memory.DefaultAllocator),
		FlightDescriptor: descriptor,
		Endpoint:         []*flight.FlightEndpoint{{Ticket: &flight.Ticket{Ticket: []byte(query.Query)}}},
		TotalRecords:     -1,
		TotalBytes:       -1,
	}, nil
}

func (s *truthServer) DoGet(ticket *flight.Ticket, stream flight.FlightService_DoGetServer) error {
	wanted, found := s.cases[string(ticket.Ticket)]
	if !found {
		return status.Errorf(codes.NotFound, "there is no case called %q", ticket.Ticket)
	}
	return wanted.send(stream)
}

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: go-truth PORT FOLDER")
	}
	port, folder := os.Args[1], os.Args[2]
	cases, err := allCases()
	if err != nil {
		log.Fatal(err)
	}
	if err := writeExpectations(folder, cases); err != nil {
		log.Fatal(err)
	}
	byName := make(map[string]testCase, len(cases))
	for _, each := range cases {
		byName[each.name] = each
	}
	server := flight.NewServerWithMiddleware(nil)
	if err := server.Init(net.JoinHostPort("127.0.0.1", port)); err != nil {
		log.Fatal(err)
	}
	server.RegisterFlightService(&truthServer{cases: byName})
	log.Fatal(server.Serve())
}
