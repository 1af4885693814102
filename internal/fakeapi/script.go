package fakeapi

import (
	"net/http"
	"sync"
)

// Step is the response to one request, instead of or based on the normal response.
// Functions of this package create steps.
type Step struct {
	run    func(*exchange)
	always bool
	body   []byte // set by WithBody; nil for none
}

// Script appends steps to the queue of an endpoint. Each request to it takes one,
// whatever its method and credentials; with an empty queue the endpoint behaves
// normally.
func (s *Server) Script(e Endpoint, steps ...Step) { s.scripts.add(e, steps) }

// ClearScript empties the queue of an endpoint, including a step of Always.
// Requests in progress continue.
func (s *Server) ClearScript(e Endpoint) { s.scripts.clear(e) }

// Always returns a permanent step: from the head of the queue it serves every
// request.
func Always(step Step) Step {
	step.always = true
	return step
}

// WithBody returns the step with this body, as 200 application/json, instead of the
// normal response: credentials and parameters are not checked. Without it, a step
// that needs a body uses the normal response, which may be an error. Other steps
// ignore the body.
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

// exchange is one request and the means to respond to it.
type exchange struct {
	server  *Server
	w       http.ResponseWriter
	r       *http.Request
	request *Request
	normal  func() response
	body    []byte // set by WithBody; nil for none
}

func (e *exchange) run(step Step) {
	e.body = step.body
	step.run(e)
}

// response returns the response that a step modifies: the body of WithBody, or else
// the normal response.
func (e *exchange) response() response {
	if e.body != nil {
		return jsonResponse(http.StatusOK, e.body)
	}
	return e.normal()
}

// recordStatus records the status of a response that the client can read
// completely. Call it before writing.
func (e *exchange) recordStatus(status int) { e.server.requests.recordStatus(e.request, status) }

// send sends the complete response.
func (e *exchange) send(p response) {
	e.recordStatus(p.status)
	p.write(e.w)
}
