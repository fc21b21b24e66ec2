// What the executors of a plan share: where it stands, what came out, and how failures are
// recorded. Tested by local_test.cc.
#pragma once

#include <csignal>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "study/estimate.h"
#include "study/store.h"

namespace mote::study {

struct Running {
  const Task* task = nullptr;
  double fraction = 0;
  std::string note;
  double seconds_left = 0;

  // Takes the last whole line of what its worker has said, "FRACTION NOTE", if there is one.
  void hear(const std::string& text);
};

// Where a study stands.
struct Standing {
  std::vector<Running> running;
  size_t done = 0;
  size_t failed = 0;
  size_t tasks = 0;
  double work_done = 0;  // of `work_total`; in estimated seconds
  double work_total = 0;
  double seconds_left = 0;  // estimated
  std::string note;         // what else there is to say: why tasks wait

  // Sums up the work of what has ended and of `running`, when `at_once` tasks are worked on.
  void estimate(const Plan& plan, const std::map<std::string, Status>& ended,
                const Estimator& estimator, double at_once);
};
using StandingCallback = std::function<void(const Standing&)>;

struct StudyResult {
  std::map<std::string, Status> status;  // of every task
  int interrupted_by = 0;                // a signal: what is not done can be gone on with
};

// The hashes of the tasks that are not to be done again: they are done, and have their models where
// a task that is not done needs them.
std::set<std::string> done_tasks(const Plan& plan, const Store& store);

// Records it, unless somebody else is at the task (false) or has done it.
bool record_failure(const Store& store, const Task& task, const Error& error);
// That a task of which `need` failed cannot be done.
Error lack_of(const Task& need);

// While it lives, SIGINT and SIGTERM end nothing, and `asked` says which of them came.
class StopOnSignals {
 public:
  StopOnSignals();
  ~StopOnSignals();
  StopOnSignals(const StopOnSignals&) = delete;
  StopOnSignals& operator=(const StopOnSignals&) = delete;

  int asked() const;  // 0: none

 private:
  struct sigaction before_[2];
};

}  // namespace mote::study
