package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"unicode/utf8"
)

// The size of a character and of a line, and the margin, in pixels.
const (
	characterWidth = 8
	lineHeight     = 18
	margin         = 16
)

// header has the size twice, and the styles of a light and a dark terminal.
const header = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[2]d" width="%[1]d" height="%[2]d" role="img" aria-label="Output of make demo: a gate that passes, and one that fails">
<style>
rect { fill: #f6f8fa; stroke: #d0d7de; }
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #1f2328; white-space: pre; }
.command { fill: #0550ae; } .error { fill: #cf222e; } .title { font-weight: bold; }
@media (prefers-color-scheme: dark) {
rect { fill: #151b23; stroke: #3d444d; } text { fill: #f0f6fc; } .command { fill: #79c0ff; } .error { fill: #ff7b72; }
}
</style>
<rect x="0.5" y="0.5" width="%[3]d" height="%[4]d" rx="6"/>
`

// draw returns the lines as an image.
func draw(lines []string) []byte {
	longest := 0
	for _, line := range lines {
		longest = max(longest, utf8.RuneCountInString(line))
	}
	width, height := 2*margin+longest*characterWidth, 2*margin+len(lines)*lineHeight
	var image bytes.Buffer
	fmt.Fprintf(&image, header, width, height, width-1, height-1)
	for i, line := range lines {
		if line == "" {
			continue
		}
		fmt.Fprintf(&image, `<text x="%d" y="%d"%s xml:space="preserve">`, margin, margin+(i+1)*lineHeight-5, style(line))
		_ = xml.EscapeText(&image, []byte(line)) // a buffer has no errors
		image.WriteString("</text>\n")
	}
	image.WriteString("</svg>\n")
	return image.Bytes()
}

// style returns the class of a line.
func style(line string) string {
	switch trimmed := strings.TrimSpace(line); {
	case strings.HasPrefix(line, "$ "):
		return ` class="command"`
	case strings.HasPrefix(trimmed, "Error: "):
		return ` class="error"`
	case line != "" && line[0] >= '1' && line[0] <= '9':
		return ` class="title"`
	}
	return ""
}
