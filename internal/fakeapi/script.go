package fakeapi

import (
	"net/http"
	"sync"
)

// Step is what happens to one request instead of, or with, the normal answer.
// Its constructors are functions of this package.
type Step struct {
	run    func(*exchange)
	always bool
	body   []byte // what WithBody set; nil for none
}

// Script appends steps to the queue of an endpoint. Each request to it, with
// whatever method and credentials, takes one; when the queue is empty the
// endpoint behaves normally.
func (s *Server) Script(e Endpoint, steps ...Step) { s.scripts.add(e, steps) }

// ClearScript empties the queue of an endpoint, a step that stays for ever
// included. Requests under way go on.
func (s *Server) ClearScript(e Endpoint) { s.scripts.clear(e) }

// Always is a step that stays: once at the head of the queue it answers every
// request.
func Always(step Step) Step {
	step.always = true
	return step
}

// WithBody is the step with this body, as 200 application/json, in the place of
// the normal answer: no credentials or parameters are checked. Without it a
// step that works on a body takes the normal answer, which may be a refusal.
// Steps that have no use for a body ignore it.
func WithBody(step Step, body string) Step {
	step.body = append([]byte{}, body...)
	return step
}

// scripts are the queues of all endpoints.
type scripts struct {
	mu     sync.Mutex
	queues map[Endpoint][]Step
}

func (q *scripts) add(e Endpoint, steps []Step) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.queues == nil {
		q.queues = map[Endpoint][]Step{}
	}
	q.queues[e] = append(q.queues[e], steps...)
}

func (q *scripts) clear(e Endpoint) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.queues, e)
}

func (q *scripts) next(e Endpoint) Step {
	q.mu.Lock()
	defer q.mu.Unlock()
	queue := q.queues[e]
	if len(queue) == 0 {
		return Normal()
	}
	if !queue[0].always {
		q.queues[e] = queue[1:]
	}
	return queue[0]
}

// exchange is one request and the means to answer it.
type exchange struct {
	server  *Server
	w       http.ResponseWriter
	r       *http.Request
	request *Request
	normal  func() reply
	body    []byte // a body given with the step; nil for none
}

func (e *exchange) run(step Step) {
	e.body = step.body
	step.run(e)
}

// reply is what a step works on: the given body, or else the normal answer.
func (e *exchange) reply() reply {
	if e.body != nil {
		return jsonReply(http.StatusOK, e.body)
	}
	return e.normal()
}

// answered records the status of a reply that the client can read to its end.
// Call it before writing.
func (e *exchange) answered(status int) { e.server.requests.answered(e.request, status) }

// send answers completely.
func (e *exchange) send(p reply) {
	e.answered(p.status)
	p.write(e.w)
}
