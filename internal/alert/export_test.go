package alert

// Held returns the memory that the selection says it takes, in bytes.
func (s *Selection) Held() int { return s.held() }

// CloneSize returns the memory that an alert says a clone takes, in bytes.
func (a *Alert) CloneSize() int { return a.size() }
