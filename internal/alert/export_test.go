package alert

// Held returns the estimated memory of the selection, in bytes.
func (s *Selection) Held() int { return s.held() }

// Held returns the estimated memory of the detections, in bytes.
func (n *Newest) Held() int { return n.held }

// CloneSize returns the estimated memory of a clone, in bytes.
func (d *Detection) CloneSize() int { return d.size() }
