#include "study/executor.h"

#include <algorithm>
#include <atomic>

#include <fmt/format.h>

#include "base/ascii.h"

namespace mote::study {
namespace {

// Which signal asks us to stop. A handler can reach nothing but a global.
std::atomic<int> stop_signal = 0;
constexpr int kSignals[] = {SIGINT, SIGTERM};

}  // namespace

void Running::hear(const std::string& text) {
  const size_t end = text.rfind('\n');
  if (end == text.npos) return;
  const size_t before = end == 0 ? text.npos : text.rfind('\n', end - 1);
  const std::string line = text.substr(before + 1, end - before - 1);  // npos + 1 is 0
  const size_t blank = line.find(' ');
  const std::optional<double> number = parse_number<double>(line.substr(0, blank));
  fraction = std::min(number.value_or(0), 1.0);
  note = !number ? line : blank == line.npos ? "" : line.substr(blank + 1);
}

void Standing::estimate(const Plan& plan, const std::map<std::string, Status>& ended,
                        const Estimator& estimator, double at_once) {
  tasks = plan.tasks.size();
  for (const Task& task : plan.tasks) {
    const double work = estimator.seconds(task);
    work_total += work;
    const auto status = ended.find(task.hash);
    if (status == ended.end()) continue;
    done += status->second == Status::done;
    failed += status->second == Status::failed;
    work_done += work;
  }
  for (Running& now : running) {
    const double work = estimator.seconds(*now.task);
    now.seconds_left = work * (1 - now.fraction);
    work_done += work * now.fraction;
  }
  seconds_left = (work_total - work_done) / at_once;
}

std::set<std::string> done_tasks(const Plan& plan, const Store& store) {
  // From the last: what a task needs must have its model, or is done again.
  std::set<std::string> done, needed;
  for (auto task = plan.tasks.rbegin(); task != plan.tasks.rend(); ++task) {
    if (needed.contains(task->hash) ? store.complete(*task)
                                    : store.status(task->hash) == Status::done)
      done.insert(task->hash);
    else
      needed.insert(task->needs.begin(), task->needs.end());
  }
  return done;
}

bool record_failure(const Store& store, const Task& task, const Error& error) {
  const auto claim = store.claim(task.hash);  // whoever holds it has the say
  if (!claim) return false;
  if (store.status(task.hash) == Status::done) return true;
  store.write_task(task);
  store.write_record(task, failed_record(task, error));
  return true;
}

Error lack_of(const Task& need) {
  return {ErrorKind::some_failed,
          fmt::format("lacks {} ({}), which failed", need.hash, need.title())};
}

StopOnSignals::StopOnSignals() {
  stop_signal = 0;
  struct sigaction action {};
  action.sa_handler = [](int signal) { stop_signal = signal; };
  for (size_t i = 0; i < std::size(kSignals); i++) {
    sigaction(kSignals[i], &action, &before_[i]);
    if (before_[i].sa_handler == SIG_IGN) sigaction(kSignals[i], &before_[i], nullptr);  // nohup
  }
}

StopOnSignals::~StopOnSignals() {
  for (size_t i = 0; i < std::size(kSignals); i++) sigaction(kSignals[i], &before_[i], nullptr);
}

int StopOnSignals::asked() const {
  return stop_signal;
}

}  // namespace mote::study
