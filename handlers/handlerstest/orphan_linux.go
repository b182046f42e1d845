package handlerstest

import "syscall"

// notOrphaned ends a child with the test binary, also where that is killed or runs
// out of time and no cleanup happens.
var notOrphaned = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
