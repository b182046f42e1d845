//go:build !linux

package handlerstest

import "syscall"

// notOrphaned is only to be had on Linux.
var notOrphaned *syscall.SysProcAttr
