// A plan carried out on this machine: worker processes, one per task. The same folder may be worked
// on by others at the same time. Tested by local_test.cc.
#pragma once

#include <string>
#include <vector>

#include "study/executor.h"

namespace mote::study {

struct LocalOptions {
  int32_t jobs = 1;  // workers at a time
  // What starts a worker; the task's hash is added. It writes lines "FRACTION NOTE" to its standard
  // output and exits as run_worker says.
  std::vector<std::string> worker;
};

// The exit code of a worker that found its task taken by somebody else.
inline constexpr int kBusy = 75;

// Does what is missing and tries again what failed before. A task whose worker fails or crashes is
// recorded as failed, and those that need it say so in records of their own; all others are done.
// SIGINT and SIGTERM stop the workers, and it returns.
StudyResult run_local(const Plan& plan, const Store& store, const LocalOptions& options,
                      const StandingCallback& progress = {});

}  // namespace mote::study
