// Package transporttest helps to test package transport and what is built on it,
// as net/http/httptest does for net/http: a scripted round tripper, servers that
// end with the test, and checks of what errors say. It imports neither transport
// nor a package above it, so that all of their tests can use it.
//
// A test of retries runs in fake time (testing/synctest), where pauses cost
// nothing:
//
//	synctest.Test(t, func(t *testing.T) {
//		s := transporttest.NewScript(transporttest.Respond(503, ""), transporttest.Respond(200, "[]"))
//		client := transport.New(transport.Options{Base: s, MaxAttempts: 2, ...})
//		...
//		if got := len(s.Requests()); got != 2 {
//
// Servers, and anything else that outlives a test function, are started outside
// of it. Time in the bubble passes only while no connection is open.
package transporttest
