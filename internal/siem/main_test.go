package siem

import (
	"testing"

	"github.com/mdatp/terraform-provider-mdatp/internal/transport/transporttest"
)

func TestMain(m *testing.M) { transporttest.Main(m) }
